package io.simclrbeam.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own with the classes of the tests.
 *
 * @param exitCode of the process
 * @param output what it wrote to its standard output and error
 */
public record ForkedJvm(int exitCode, String output) {
  /** Far above what any of them takes; a hang is then a failed test. */
  private static final long PATIENCE_MINUTES = 5;

  /** Runs a main class to its end, with these variables in its environment. */
  public static ForkedJvm run(Class<?> main, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Path output = Files.createTempFile("forked-jvm", ".log");
    builder.redirectOutput(output.toFile());
    Process process = builder.start();
    try {
      boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
      return new ForkedJvm(ended ? process.exitValue() : -1, Files.readString(output, UTF_8));
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
