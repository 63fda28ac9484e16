package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunStatisticsTest {
  private static final int FEW = 80;

  @TempDir private Path dataset;

  private RunSpec spec(int night) {
    String name = "2026010%dT000000Z".formatted(night);
    return new RunSpec(dataset.toString(), "m", name, night, 1, Map.of(), Map.of());
  }

  /** Writes embeddings that are all alike: the night. */
  private RunManifest write(int night, int count, UpdateRecords.Update... updates)
      throws IOException {
    RunSpec spec = spec(night);
    Files.createFile(Files.createDirectories(Path.of(spec.folder())).resolve("_RUNNING"));
    List<Embedding> embeddings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      embeddings.add(
          Embedding.builder()
              .setId("night-%d-image-%d".formatted(night, i))
              .setUri("/images")
              .setLabel(null)
              .setContentSha256("sha")
              .setWidth(1)
              .setHeight(1)
              .setModelId("m")
              .setEmbeddedAt(Instant.ofEpochMilli(spec.startedAtMillis()))
              .setVector(new float[] {night})
              .build());
    }
    Pipeline pipeline = DirectPipeline.unchecked();
    PCollectionTuple written =
        PCollectionTuple.of(
            WriteRun.EMBEDDINGS,
            pipeline.apply(Create.of(embeddings).withCoder(EmbeddingCoder.of())));
    if (updates.length > 0) {
      written =
          written.and(WriteRun.UPDATED, pipeline.apply("Updates", Create.of(List.of(updates))));
    }
    written.apply(WriteRun.of(spec, PartFormat.DEFAULT, QualityGates.NONE));
    pipeline.run().waitUntilFinish();
    return RunManifest.read(new BeamFileStore(spec.folder()));
  }

  private static String rank(RunManifest manifest) {
    return manifest.gates().stream()
        .filter(gate -> gate.name().equals("minRankMe"))
        .findFirst()
        .orElseThrow()
        .detail();
  }

  private boolean keeps(int night) throws IOException {
    return new BeamFileStore(spec(night).folder()).exists("_STATISTICS.safetensors");
  }

  @Test
  void smallNightsAreJudgedTogetherOnceTheyAreEnough() throws IOException {
    assertThat(rank(write(1, 250))).startsWith("effective rank").endsWith("250 new embeddings");
    assertThat(rank(write(2, FEW)))
        .isEqualTo(
            "not judged: 80 new embeddings are too few; from 200 on they are judged, or if the option is given");
    String part = DatasetRun.list(dataset.toString()).get(1).parts().get(0).file().toString();
    assertThat(rank(write(3, FEW, new UpdateRecords.Update(part, 0, "/moved", null))))
        .as("an updated record is no new embedding")
        .startsWith("not judged: 160 embeddings of the last 2 runs are too few");
    assertThat(rank(write(4, 0))).isEqualTo("not judged: there are no new embeddings");
    assertThat(keeps(1)).isTrue();
    assertThat(keeps(2) || keeps(3) || keeps(4)).isFalse();

    RunManifest fifth = write(5, FEW);
    assertThat(rank(fifth)).isEqualTo("effective rank 1.000 of 240 embeddings of the last 3 runs");
    assertThat(Objects.requireNonNull(fifth.statistics()).meanNorm()).as("its own").isEqualTo(5);
    RunStatistics after = RunStatistics.of(spec(6), new Moments(1));
    assertThat(Objects.requireNonNull(after.before()).count()).isEqualTo(3 * FEW);
    assertThat(after.before().meanNorm()).isEqualTo((2 + 3 + 5) / 3.0);
    assertThat(rank(write(6, FEW))).startsWith("not judged: 80 new embeddings");
  }

  @Test
  void aSmallRunThatCannotBeReadIsLeftOut() throws IOException {
    write(1, FEW);
    write(2, FEW);
    Files.delete(Path.of(spec(1).folder(), "_MANIFEST.json"));

    assertThat(rank(write(3, FEW))).startsWith("not judged: 160 embeddings of the last 2 runs");
  }

  /** Empty, and cut short. */
  @ParameterizedTest
  @ValueSource(ints = {0, 4, 100})
  void damagedStatisticsAreDoneWithout(int bytes) throws IOException {
    write(1, 250);
    write(2, 250);
    Path file = Path.of(spec(2).folder(), "_STATISTICS.safetensors");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), bytes));

    RunStatistics third = RunStatistics.of(spec(3), new Moments(1));
    assertThat(Objects.requireNonNull(third.before()).meanNorm()).as("of run 1").isEqualTo(1);
  }

  @Test
  void aStepThatIsRepeatedDoesNotCompareItsRunWithItself() throws IOException {
    write(1, 250);
    write(2, 250);

    assertThat(RunStatistics.of(spec(1), new Moments(1)).before()).isNull();
    assertThat(RunStatistics.of(spec(2), new Moments(1)).before()).isNotNull();
  }
}
