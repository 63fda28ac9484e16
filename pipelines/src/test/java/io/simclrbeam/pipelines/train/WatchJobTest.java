package io.simclrbeam.pipelines.train;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.train.MetricsFile;
import io.simclrbeam.model.train.MetricsLine;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchJobTest {
  @TempDir Path folder;

  @Test
  void showsCurvesAndTheTimeLeft() throws Exception {
    writeRun();
    List<MetricsLine> lines = new ArrayList<>();
    for (int step = 1; step <= 4; step++) {
      lines.add(line(step, 5 - step, step == 4 ? 0.25 : null));
    }
    MetricsFile.write(new BeamFileStore(folder.toString()), lines);
    String shown = watch(UTF_8);
    // 96 of 100 steps of 8 images are left, at 4 images a second.
    assertThat(shown)
        .contains("resnet18, step 4 of 100, epoch 2.0, 3 min 12 s left")
        .containsPattern("loss +█▆▃▁ +4\\.0000, then 1\\.0000")
        .containsPattern("kNN top-1 +▅ +25\\.0 %, then 25\\.0 %")
        .containsPattern("images/s +▅▅▅▅ +4, then 4");
    assertThat(watch(US_ASCII)).containsPattern("loss +#\\*\\._|loss +@[#*+=.-]+_");
  }

  @Test
  void waitsForTheFirstCheckpoint() throws Exception {
    writeRun();
    assertThat(watch(UTF_8))
        .isEqualToNormalizingNewlines("There is no step yet: the first checkpoint has it.\n");
  }

  /** What is shown is followed by a checkpoint, and that by the end. */
  @Test
  void looksAgainUntilTheTrainingIsFinished() throws Exception {
    writeRun();
    BeamFileStore store = new BeamFileStore(folder.toString());
    StringWriter out =
        new StringWriter() {
          private int looks;

          @Override
          public void flush() {
            looks++;
            try {
              if (looks == 1) {
                MetricsFile.write(store, List.of(line(1, 3, null)));
              } else if (looks == 2) {
                Files.createFile(folder.resolve("model.json"));
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    WatchJob.run(folder.toString(), 1, true, new PrintWriter(out), UTF_8);
    assertThat(out.toString())
        .containsSubsequence(
            "There is no step yet",
            "\u001b[1A\u001b[J",
            "step 1 of 100, epoch 0.5, 3 min 18 s left",
            "\u001b[5A\u001b[J",
            "step 1 of 100, epoch 0.5, finished");
  }

  @Test
  void aFolderWithoutTrainingIsRefused() {
    assertThatThrownBy(() -> watch(UTF_8))
        .isInstanceOf(JobException.class)
        .hasMessageContaining("there is no run.json");
  }

  @Test
  void curvesAreMeansBetweenTheLowestAndTheHighest() {
    double[] rising = IntStream.range(0, 1000).asDoubleStream().toArray();
    assertThat(WatchJob.curve(rising, 8, "01234567")).isEqualTo("01234567");
    assertThat(WatchJob.curve(new double[] {1, 3, 2}, 8, "012")).isEqualTo("021");
    assertThat(WatchJob.curve(new double[] {7, 7}, 8, "012")).isEqualTo("11");
  }

  private void writeRun() throws IOException {
    Files.writeString(
        folder.resolve("run.json"),
        Json.withVersion(
                FileKind.TRAINING_RUN, TestSettings.small().batchSize(8).steps(100).build())
            .toString());
  }

  private String watch(Charset charset) throws Exception {
    StringWriter out = new StringWriter();
    WatchJob.run(folder.toString(), 0, false, new PrintWriter(out), charset);
    return out.toString();
  }

  private static MetricsLine line(long step, double loss, @Nullable Double knn) {
    return new MetricsLine(
        step, step / 2.0, loss, 0.1, 0.01, 4, 0.1, 1, knn == null ? null : 9, knn, knn, knn);
  }
}
