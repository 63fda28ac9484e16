package io.simclrbeam.runners.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command in a process of its own, as a user starts it. */
final class CommandProcess {
  private final Process process;
  private final Path log;

  private CommandProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static CommandProcess start(String... arguments) throws IOException {
    Path log = Files.createTempFile("command", ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "--add-opens=java.base/java.util=ALL-UNNAMED"));
    command.add("-Dlogback.configurationFile=io/simclrbeam/pipelines/cli/logback.xml");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.simclrbeam.pipelines.cli.Simclr");
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    return new CommandProcess(builder.start(), log);
  }

  /** Waits for the end and returns the exit code. */
  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the process at once, as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  String output() throws IOException {
    return Files.readString(log);
  }
}
