package io.simclrbeam.transforms.rejects;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WriteRejectsTest {
  @TempDir private Path folder;

  /** All readers of Avro have deflate. */
  @Test
  void besideDataAReaderOfTheFolderPassesOverTheFile() throws IOException {
    write(WriteRejects.to(folder.toString(), "embed").besideData());
    Path file = folder.resolve("_rejects-embed-00000-of-00001.avro");
    try (DataFileReader<GenericRecord> records =
        new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
      assertThat(records.getMetaString("avro.codec")).isEqualTo("deflate");
      assertThat(records.next().get("id")).hasToString("a.png");
      assertThat(records.hasNext()).isFalse();
    }
    assertThat(WriteRejects.isName(file.getFileName().toString())).isTrue();
  }

  @Test
  void elseItsNameIsThatOfTheJob() throws IOException {
    write(WriteRejects.to(folder.toString(), "index"));
    assertThat(Files.exists(folder.resolve(WriteRejects.fileName("index")))).isTrue();
    assertThat(WriteRejects.isName(WriteRejects.fileName("index"))).isTrue();
    assertThat(WriteRejects.isName("part-00000-of-00001.avro")).isFalse();
    assertThat(RejectSummary.read(new BeamFileStore(folder.toString()), "index").total())
        .isEqualTo(1);
  }

  private static void write(WriteRejects rejects) {
    Pipeline pipeline = DirectPipeline.checked();
    pipeline
        .apply(
            Create.of(Reject.of("/a.png", "a.png", "embed", RejectReason.EMPTY, "no bytes"))
                .withCoder(AvroCoder.of(Reject.SCHEMA)))
        .apply(rejects);
    pipeline.run().waitUntilFinish();
  }
}
