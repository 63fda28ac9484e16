package io.simclrbeam.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check of a GPU, on the CPU; skipped where there is no Python with torch. */
final class ExportedProgramsTest {
  private static final Path CHECK = Path.of("gpu/check.py").toAbsolutePath();

  @TempDir private Path folder;
  private String python = "";

  @BeforeEach
  void findPython() throws Exception {
    for (String name : candidates()) {
      if (python.isEmpty() && run(name, "-c", "import torch, torchvision, PIL").exitCode == 0) {
        python = name;
      }
    }
    assumeTrue(!python.isEmpty(), "no Python with torch and torchvision here");
  }

  /** As in tasks.sh. */
  private static List<String> candidates() {
    String chosen = Objects.requireNonNullElse(System.getenv("PYTHON"), "");
    return chosen.isEmpty() ? List.of("python3", "/usr/bin/python3") : List.of(chosen);
  }

  @Test
  void pythonRunsThemAndSaysHowFast() throws Exception {
    ExportedPrograms.main(new String[] {folder.toString(), "resnet18", "0.0625", "16"});
    Output output = check("--precision=fp32");
    assertThat(output.text)
        .contains(
            "placement after",
            "loss is that of the CPU",
            "embeddings are those of the CPU",
            "training step",
            "optimizer",
            "waits in a step",
            "frozen encoder",
            "plain PyTorch",
            "\"wrong\": []")
        .doesNotContain("left out");
    assertThat(output.exitCode).isZero();
  }

  /** A program that yields something else than the device is asked for fails the check. */
  @Test
  void whatIsWrongIsSaidWithAnExitCode() throws Exception {
    ExportedPrograms.main(new String[] {folder.toString(), "resnet18", "0.0625", "16"});
    Path about = folder.resolve("programs.json");
    Files.writeString(
        about, Files.readString(about).replace("\"dimension\" : 32", "\"dimension\" : 33"));
    Output output = check("--precision=fp32");
    assertThat(output.text).contains("\"wrong\": [\"embeddings are those of the CPU\"]");
    assertThat(output.exitCode).isEqualTo(1);
  }

  private Output check(String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                python, CHECK.toString(), folder + "", "--device=cpu", "--batch=4", "--steps=1"));
    command.addAll(List.of(more));
    return run(command.toArray(String[]::new));
  }

  private record Output(int exitCode, String text) {}

  private static Output run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Output(process.waitFor(), text);
    } catch (IOException e) {
      return new Output(127, "there is no " + command[0]);
    }
  }
}
