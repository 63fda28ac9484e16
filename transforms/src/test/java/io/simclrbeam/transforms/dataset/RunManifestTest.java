package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.storage.NewerFormatException;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunManifestTest {
  /** As runs had it before there were versions. */
  private static final String VERSION_0 =
      """
      {
        "model_id" : "0123456789ab",
        "started_at" : "2026-01-05T01:02:03Z",
        "finished_at" : "2026-01-05T01:02:05Z",
        "settings" : {
          "source" : "/images",
          "table" : "bq://p.d.t"
        },
        "versions" : {
          "beam" : "2.70.0"
        },
        "counts" : {
          "input" : 5,
          "embedded" : 2,
          "skipped" : 1,
          "rejected" : 2,
          "deleted" : 3
        },
        "input_digest" : "00ff",
        "schema" : "io.simclrbeam.Embedding",
        "dimension" : 2,
        "statistics" : {
          "not_finite" : 0,
          "mean_norm" : 1.5,
          "norm_deviation" : 0.25,
          "min_norm" : 1.0,
          "max_norm" : 2.0,
          "total_variance" : 0.1,
          "rankme" : null
        },
        "gates" : [ {
          "name" : "minRankMe",
          "limit" : 2.0,
          "passed" : true,
          "detail" : "not judged"
        }, {
          "name" : "maxRejects",
          "value" : 2.0,
          "limit" : 1.0,
          "passed" : false,
          "detail" : "2 of 5 images rejected"
        } ],
        "files" : [ {
          "name" : "part-0.avro",
          "records" : 5,
          "sha256" : "abcd"
        } ]
      }""";

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void setUp() {
    file = folder.resolve("_MANIFEST.json");
  }

  private RunManifest read(String json) throws IOException {
    Files.writeString(file, json, UTF_8);
    return RunManifest.read(new BeamFileStore(folder.toString()));
  }

  @Test
  void manifestsWithoutAVersionAreRead() throws IOException {
    RunManifest manifest = read(VERSION_0);

    assertThat(manifest.counts()).isEqualTo(new RunManifest.Counts(5, 2, 1, 0, 2, 3));
    assertThat(manifest.statistics())
        .isEqualTo(new RunManifest.Statistics(0, 1.5, 0.25, 1, 2, 0.1, null));
    assertThat(manifest.table()).isEqualTo("bq://p.d.t");
    assertThat(manifest.passed()).isFalse();
    assertThat(manifest.reasons())
        .isEqualTo("  maxRejects is 2.000, the limit 1.000: 2 of 5 images rejected");
  }

  @Test
  void whatIsWrittenDiffersInTheVersionAndAName() throws IOException {
    read(VERSION_0).write(new BeamFileStore(folder.toString()));

    assertThat(file)
        .content()
        .isEqualTo(
            VERSION_0
                .replaceFirst("\\{", "{\n  \"format_version\" : 1,")
                .replace("norm_deviation", "norm_std")
                .replace("\"rejected\" :", "\"updated\" : 0,\n    \"rejected\" :")
                .replace("\"files\" :", "\"unlisted\" : [ ],\n  \"files\" :"));
    assertThat(RunManifest.read(new BeamFileStore(folder.toString()))).isEqualTo(read(VERSION_0));
  }

  /** As the first runs had it, and with something that is not known yet. */
  @Test
  void whatIsMissingHasADefaultAndWhatIsUnknownIsIgnored() throws IOException {
    RunManifest manifest =
        read(
            """
            {"model_id": "0123456789ab",
             "counts": {"input": 1, "embedded": 1, "skipped": 0, "rejected": 0, "deleted": 0,
                        "later": 0},
             "input_digest": "00ff", "schema": "io.simclrbeam.Embedding", "dimension": 2,
             "files": [], "later": {}}""");

    assertThat(manifest.settings()).isEmpty();
    assertThat(manifest.versions()).isEqualTo(Map.of());
    assertThat(manifest.gates()).isEqualTo(List.of());
    assertThat(manifest.statistics()).isNull();
    assertThat(manifest.finishedAt()).isNull();
    assertThat(manifest.table()).isNull();
    assertThat(manifest.passed()).isTrue();
    assertThat(manifest.reasons()).isEmpty();
  }

  @Test
  void aNewerFormatIsRefused() {
    assertThatThrownBy(() -> read("{\"format_version\": 2, \"counts\": \"others\"}"))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContainingAll(file + " has format version 2", "up to version 1");
  }
}
