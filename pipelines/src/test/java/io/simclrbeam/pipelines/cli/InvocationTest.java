package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    Files.writeString(run.resolve("part-00000.avro"), "not Avro");
    TestRuns.publish(run);
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
    CommandRun run = CommandRun.of("evaluate", "--train=" + damaged, "--test=" + damaged);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .containsExactly(
            "simclr evaluate: org.apache.avro.InvalidAvroMagicException: Not an Avro data file.",
            "Add --stacktrace to see where it happened.");
  }

  @Test
  void theStackTraceIsPrintedWhenAskedFor() {
    CommandRun run =
        CommandRun.of("evaluate", "--train=" + damaged, "--test=" + damaged, "--stacktrace");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("\tat io.simclrbeam.").doesNotContain("Add --stacktrace");
  }
}
