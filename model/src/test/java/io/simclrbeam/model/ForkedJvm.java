package io.simclrbeam.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JVM of its own with the classes of the tests.
 *
 * @param exitCode of the process
 * @param output what it wrote to its standard output and error
 */
public record ForkedJvm(int exitCode, String output) {
  /** Runs a main class to its end, with these variables in its environment. */
  public static ForkedJvm run(Class<?> main, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new ForkedJvm(process.waitFor(), output);
    } finally {
      process.destroyForcibly();
    }
  }
}
