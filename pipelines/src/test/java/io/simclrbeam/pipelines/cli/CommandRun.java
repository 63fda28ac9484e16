package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command line came to. */
public record CommandRun(int exitCode, String out, String err) {
  /** Runs a command that must end with an exit code. */
  public static CommandRun expecting(int exitCode, String... arguments) {
    CommandRun run = of(arguments);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    return run;
  }

  public static CommandRun of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Simclr.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new CommandRun(exitCode, out.toString(), err.toString());
  }
}
