package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.dataset.DatasetLayout.Location;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetLayoutTest {
  private static final String RUN = "20260105T010203Z";

  @ParameterizedTest
  @ValueSource(strings = {"", "/data/", "gs://bucket/a b/", "/model=x/run=y/", "C:\\data\\"})
  void aPathSaysWhatItWasMadeOf(String dataset) {
    String folder = DatasetLayout.runFolder(dataset, "0123456789ab", RUN);

    String root = dataset.replace('\\', '/');
    assertThat(DatasetLayout.parse(folder)).isEqualTo(new Location(root, "0123456789ab", RUN, ""));
    assertThat(DatasetLayout.parse(folder + "part-0.avro"))
        .isEqualTo(new Location(root, "0123456789ab", RUN, "part-0.avro"));
  }

  @Test
  void theSlashAfterADataSetMayBeMissing() {
    assertThat(DatasetLayout.runFolder("/data", "m", RUN))
        .isEqualTo(DatasetLayout.runFolder("/data/", "m", RUN))
        .isEqualTo("/data/model=m/run=" + RUN + "/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/data/", "/data/model=m/", "/data/model=m/history.jsonl", "/data/run=r/file"})
  void otherPathsAreNotInARun(String path) {
    assertThat(DatasetLayout.parse(path)).isNull();
  }

  @Test
  void filesOfAModelAreInRunsOrNot() {
    assertThat(DatasetLayout.runOf("run=r/.temp-beam/x")).isEqualTo("r");
    assertThat(DatasetLayout.runOf("run=r")).isNull();
    assertThat(DatasetLayout.runOf("canaries.avro")).isNull();
  }

  @Test
  void runsAreNamedByTheirTime() {
    Instant start = Instant.parse("2026-01-05T01:02:03Z");

    assertThat(DatasetLayout.runName(start)).isEqualTo(RUN);
    assertThat(DatasetLayout.startOf(RUN)).isEqualTo(start);
    assertThat(DatasetLayout.startOf(RUN + "-token")).isEqualTo(start);
  }
}
