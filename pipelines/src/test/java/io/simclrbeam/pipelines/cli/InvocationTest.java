package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InvocationTest {
  @TempDir Path temp;
  private Path damaged;

  @BeforeEach
  void writeADatasetThatCannotBeRead() throws IOException {
    damaged = temp.resolve("damaged");
    Path run = Files.createDirectories(damaged.resolve("model=a/run=b"));
    Files.writeString(run.resolve("_MANIFEST.json"), "no JSON");
    Files.createFile(run.resolve("_SUCCESS"));
  }

  @Test
  void whatAJobReportsIsShownWithItsExitCode() {
    Path missing = temp.resolve("missing");

    CommandRun run = CommandRun.of("evaluate", "--train=" + missing, "--test=" + missing);

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err().lines())
        .containsExactly(
            "simclr evaluate: --train: there is no embedding data set in %s; embed makes one"
                .formatted(missing));
  }

  @Test
  void anUnforeseenFailureIsOneLineAndAHint() {
    CommandRun run = CommandRun.of("show", damaged.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    List<String> lines = run.err().lines().toList();
    assertThat(lines).hasSize(2).last().isEqualTo("Add --stacktrace to see where it happened.");
    assertThat(lines.get(0))
        .startsWith("simclr show: com.fasterxml.jackson.core.JsonParseException");
  }

  @Test
  void theStackTraceIsPrintedWhenAskedFor() {
    CommandRun run = CommandRun.of("show", damaged.toString(), "--stacktrace");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("\tat io.simclrbeam.").doesNotContain("Add --stacktrace");
  }
}
