package io.simclrbeam.transforms.rejects;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RejectSummaryTest {
  @TempDir private Path temporary;
  private BeamFileStore folder;

  @BeforeEach
  void writeRejects() throws IOException {
    folder = new BeamFileStore(temporary.toString());
    Reject.write(
        folder,
        "train",
        "1",
        List.of(
            reject("b.jpg", RejectReason.TRUNCATED, "ends early"),
            reject("c.jpg", RejectReason.EMPTY, "no bytes\n  at all")));
    Reject.write(
        folder, "train", "2", List.of(reject("a.jpg", RejectReason.TRUNCATED, "x".repeat(200))));
    Reject.write(
        folder, "other", "1", List.of(reject("d.jpg", RejectReason.TRUNCATED, "not asked for")));
  }

  private static GenericRecord reject(String id, RejectReason reason, String detail) {
    return Reject.of("/images/" + id, id, "train", reason, detail);
  }

  @Test
  void countsTheRejectsOfTheJobsAskedFor() throws IOException {
    assertThat(RejectSummary.read(folder, "train").total()).isEqualTo(3);
    assertThat(RejectSummary.read(folder, "train", "other").total()).isEqualTo(4);
    assertThat(RejectSummary.read(folder, "none").describe()).isEqualTo("none rejected");
    assertThat(RejectSummary.read(folder, "train").describe())
        .isEqualTo("3 rejected (1 empty, 2 truncated)");
  }

  @Test
  void theTableHasARowWithAnExampleForEachReason() throws IOException {
    assertThat(RejectSummary.read(folder, "train").table(folder).lines())
        .containsExactly(
            "3 rejected, all listed in %s*rejects-*.avro:".formatted(folder.location()),
            "  empty                         1   such as c.jpg: no bytes at all",
            "  truncated                     2   such as a.jpg: " + "x".repeat(110) + "...");
  }

  @Test
  void aFileWrittenAgainReplacesTheFirst() throws IOException {
    Reject.write(folder, "train", "1", List.of(reject("b.jpg", RejectReason.EMPTY, "")));
    assertThat(RejectSummary.read(folder, "train").describe())
        .isEqualTo("2 rejected (1 empty, 1 truncated)");
  }
}
