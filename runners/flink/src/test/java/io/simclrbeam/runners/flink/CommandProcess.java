package io.simclrbeam.runners.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A command in a process of its own, as a user starts it. */
final class CommandProcess implements RunningCommand {
  private final Process process;
  private final Path log;

  private CommandProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts {@code bin/simclr} with arguments. */
  static CommandProcess start(String... arguments) throws IOException {
    return start(Map.of(), arguments);
  }

  /** Starts {@code bin/simclr} with more in its environment. */
  static CommandProcess start(Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command =
        java(System.getProperty("java.class.path"), "io.simclrbeam.pipelines.cli.Simclr");
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return start(builder);
  }

  /** Starts {@code flink run} for a jar with arguments. */
  static CommandProcess startFlinkRun(FlinkCluster cluster, Path jar, String... arguments)
      throws IOException {
    List<String> command =
        java(FlinkCluster.libraries(), "org.apache.flink.client.cli.CliFrontend");
    command.addAll(List.of("run", "-m", cluster.master(), "-p", "2", jar.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FLINK_CONF_DIR", cluster.configuration().toString());
    return start(builder);
  }

  private static List<String> java(String classPath, String program) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "--add-opens=java.base/java.util=ALL-UNNAMED"));
    // So short that the optimizing compiler would only take its time.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseParallelGC"));
    command.add("-Dlogback.configurationFile=io/simclrbeam/pipelines/cli/logback.xml");
    command.addAll(List.of("-cp", classPath, program));
    return command;
  }

  private static CommandProcess start(ProcessBuilder builder) throws IOException {
    Path log = Files.createTempFile("command", ".log");
    return new CommandProcess(
        builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
  }

  @Override
  public int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  long pid() {
    return process.pid();
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Tells the process to end, as {@code kill} and Ctrl-C do. */
  void interrupt() {
    process.destroy();
  }

  /** Ends the process at once, as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public String output() throws IOException {
    return Files.readString(log);
  }
}
