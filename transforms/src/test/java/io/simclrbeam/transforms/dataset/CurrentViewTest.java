package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.TestRuns;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CurrentViewTest {
  @TempDir private Path dataset;

  private static Embedding embedding(String id, float... vector) {
    return TestEmbedding.of(id, vector).build();
  }

  private static GenericRecord record(Embedding embedding) {
    return EmbeddingRecord.of(embedding, VectorFormat.FLOAT32);
  }

  private static GenericRecord deleted(String id) {
    GenericRecord record = record(embedding(id));
    record.put("embedding", null);
    return record;
  }

  /** Each record is a part of its own. */
  private void write(String model, String run, GenericRecord... records) throws IOException {
    Path folder = Files.createDirectories(dataset.resolve("model=" + model + "/run=" + run));
    for (int part = 0; part < records.length; part++) {
      try (DataFileWriter<GenericRecord> writer =
          new DataFileWriter<>(new GenericDatumWriter<>(EmbeddingRecord.SCHEMA))) {
        writer.create(EmbeddingRecord.SCHEMA, folder.resolve("part-" + part + ".avro").toFile());
        writer.append(records[part]);
      }
    }
    TestRuns.publish(folder);
  }

  private static List<Embedding> read(CurrentView view) throws IOException {
    List<Embedding> embeddings = Collections.synchronizedList(new ArrayList<>());
    view.forEach(() -> embeddings::add);
    return embeddings;
  }

  @Test
  void readsTheNewestRecordOfEveryImageThatIsStillThere() throws IOException {
    Embedding a = embedding("a", 1);
    Embedding newB = embedding("b", 5);
    Embedding newerC = embedding("c", 9);
    write("m", "1", record(a), record(embedding("b", 2)), deleted("e"));
    write("m", "2", record(newB), record(embedding("c", 4)), deleted("d"));
    write("m", "3", record(newerC), record(embedding("e", 8)));
    write("m", "4", deleted("e"));
    write("m", "0", record(embedding("d", 3)), record(embedding("a", 7)));
    write("other", "00", record(embedding("z", 1)));

    CurrentView view = CurrentView.of(dataset.toString());

    assertThat(view.model()).isEqualTo("m");
    assertThat(view.otherModels()).containsExactly("other");
    assertThat(read(view)).containsExactlyInAnyOrder(a, newB, newerC);
    assertThat(read(CurrentView.of(dataset.toString(), "other"))).hasSize(1);
    assertThat(read(CurrentView.of(dataset.toString(), "none"))).isEmpty();
  }

  @Test
  void beginsNoFurtherPartOnceThereIsEnough() throws IOException {
    write("m", "1", record(embedding("old", 1)));
    write("m", "2", record(embedding("new", 1)));
    List<String> ids = new ArrayList<>();

    CurrentView.of(dataset.toString())
        .forEach(() -> image -> ids.add(image.id()), () -> !ids.isEmpty());

    assertThat(ids).containsExactly("new");
  }

  @Test
  void beginsNoFurtherPartOfARunEither() throws IOException {
    GenericRecord[] records = new GenericRecord[200];
    Arrays.setAll(records, i -> record(embedding("image-" + i, 1)));
    write("m", "1", records);
    Queue<String> ids = new ConcurrentLinkedQueue<>();

    CurrentView.of(dataset.toString())
        .forEach(() -> image -> ids.add(image.id()), () -> !ids.isEmpty());

    assertThat(ids).hasSizeBetween(1, 199); // some threads begin at the same time
  }

  @Test
  void theFingerprintTellsStatesApart() throws IOException {
    write("m", "1", record(embedding("a", 1)));
    String before = CurrentView.of(dataset.toString()).fingerprint();
    assertThat(CurrentView.of(dataset.toString()).fingerprint()).isEqualTo(before);
    write("other", "0", record(embedding("a", 1)));
    assertThat(CurrentView.of(dataset.toString()).fingerprint()).isEqualTo(before);
    assertThat(CurrentView.of(dataset.toString(), "other").fingerprint()).isNotEqualTo(before);
    write("m", "2", record(embedding("b", 1)));
    assertThat(CurrentView.of(dataset.toString()).fingerprint()).isNotEqualTo(before);
  }

  @Test
  void thereMustBeARun() {
    assertThatThrownBy(() -> CurrentView.of(dataset.toString()))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void whatASinkThrowsComesThrough() throws IOException {
    write("m", "1", record(embedding("a", 1)));
    CurrentView view = CurrentView.of(dataset.toString());

    assertThatThrownBy(
            () ->
                view.forEach(
                    () ->
                        image -> {
                          throw new IOException("disk full");
                        }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk full");
  }

  @Test
  void theViewInMemoryIsTheSame() throws IOException {
    write("m", "1", record(embedding("a", 1)), record(embedding("b", 2)), deleted("c"));
    write("m", "2", deleted("b"), record(embedding("c", 4)), record(embedding("d", 5)));
    write("m", "3", record(embedding("d", 6)));

    LabeledEmbeddings loaded = CurrentView.of(dataset.toString()).load();

    assertThat(loaded.ids()).as("the newest run first").containsExactly("d", "c", "a");
    assertThat(loaded.get(0, 0)).isEqualTo(6);
    assertThat(read(CurrentView.of(dataset.toString())))
        .extracting(Embedding::id)
        .containsExactlyInAnyOrder("d", "c", "a");
  }

  @Test
  void aViewOfThePastKnowsNothingOfLaterRuns() throws IOException {
    write("m", "1", record(embedding("a", 1)), record(embedding("b", 2)));
    write("m", "2", deleted("b"), record(embedding("c", 4)));
    write("m", "3", deleted("a"));
    Path held = dataset.resolve("model=m/run=2");
    Files.delete(held.resolve("_SUCCESS"));

    assertThat(CurrentView.after(RunFolder.find(held.toString())).contents())
        .isEqualTo(Map.of("a", "sha of a", "c", "sha of c"));
    assertThat(CurrentView.of(dataset.toString()).contents()).isEqualTo(Map.of("b", "sha of b"));
  }
}
