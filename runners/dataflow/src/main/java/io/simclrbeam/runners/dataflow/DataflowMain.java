package io.simclrbeam.runners.dataflow;

import io.simclrbeam.pipelines.cli.Simclr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The program of the flex template: {@code embed} with the parameters of the template. The launcher
 * adds options of its own, which say where it wants the job written to.
 */
public final class DataflowMain {
  private DataflowMain() {}

  /** Writes the job, and ends with the exit code of {@code bin/simclr}. */
  public static void main(String[] arguments) {
    System.exit(Simclr.run(command(arguments).toArray(String[]::new)));
  }

  /** Returns the arguments as {@code bin/simclr} takes them. */
  static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of("embed", "--runner=dataflow"));
    Arrays.stream(arguments)
        .filter(argument -> !argument.startsWith("--runner="))
        // The launcher's labels of the job, which have the name of an option of embed.
        .filter(argument -> !argument.startsWith("--labels={"))
        .forEach(command::add);
    return command;
  }
}
