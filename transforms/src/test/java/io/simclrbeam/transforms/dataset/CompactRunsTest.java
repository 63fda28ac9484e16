package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.DirectPipeline;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompactRunsTest {
  private static final int IMAGES = 12;

  @TempDir private Path dataset;

  /** Whatever nights do, nobody can tell from a view that runs were merged. */
  @Test
  void aViewIsTheSameWithBasesAndWithout() throws IOException {
    SeededRandom random = SeededRandom.of(4);
    Map<String, Map<String, String>> views = new TreeMap<>();
    Map<String, String> expected = new TreeMap<>();
    for (int night = 1; night <= 6; night++) {
      String run = run(night);
      write(run, nextNight(random, night, expected));
      views.put(run, new TreeMap<>(expected));
      if (night % 2 == 0) {
        compact();
      }
      assertThat(view(CurrentView.of(dataset()))).as(run).isEqualTo(expected);
      assertThat(newestOfAllFolders())
          .as("who knows nothing of bases, %s", run)
          .isEqualTo(expected);
    }
    assertThat(DatasetRun.list(dataset())).as("a base alone").hasSize(1);
    for (Map.Entry<String, Map<String, String>> then : views.entrySet()) {
      assertThat(view(asOf(then.getKey()))).as(then.getKey()).isEqualTo(then.getValue());
    }
    assertThat(history()).containsExactlyElementsOf(views.keySet());

    vacuum(Duration.ZERO);
    assertThat(folders()).hasSize(1);
    assertThat(view(CurrentView.of(dataset()))).isEqualTo(expected);
    assertThat(view(asOf(run(6)))).as("the base holds what there was").isEqualTo(expected);
    assertThatThrownBy(() -> asOf(run(5)))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining(run(5) + " is gone")
        .hasMessageContaining("as of run " + run(6));
    assertThat(history())
        .as("also of runs that are gone")
        .containsExactlyElementsOf(views.keySet());

    assertThat(records(folders().get(0))).anyMatch(record -> record.get("embedding") == null);
    write(run(7), new Night(List.of(embedding(99, 99)), List.of()));
    compact();
    vacuum(Duration.ZERO);
    assertThat(records(folders().get(0)))
        .as("of an image that is gone nothing is left, once no run before has it")
        .noneMatch(record -> record.get("embedding") == null);
    assertThat(history()).hasSize(7);
  }

  /** What a night writes. */
  private record Night(List<Embedding> embeddings, List<String> gone) {}

  private static Embedding embedding(int id, int night) {
    return TestEmbedding.of(Integer.toString(id), night, 0.1f * id, -3)
        .setContentSha256("sha %d %d".formatted(id, night))
        .setEmbeddedAt(org.joda.time.Instant.ofEpochMilli(night * 1000L))
        .setLabel(id % 2 == 0 ? null : "label " + night)
        .build();
  }

  private static Night nextNight(SeededRandom random, int night, Map<String, String> expected) {
    Map<String, Embedding> written = new TreeMap<>();
    Collection<String> gone = new ArrayList<>();
    written.put(
        Integer.toString(IMAGES), embedding(IMAGES, night)); // a night without any is held back
    for (int id = 0; id < IMAGES; id++) {
      String name = Integer.toString(id);
      switch (random.nextInt(4)) {
        case 0 -> written.put(name, embedding(id, night));
        case 1 -> {
          if (expected.containsKey(name)) {
            gone.add(name);
          }
        }
        default -> {}
      }
    }
    written.forEach((id, embedding) -> expected.put(id, text(embedding)));
    expected.keySet().removeAll(gone);
    return new Night(List.copyOf(written.values()), List.copyOf(gone));
  }

  @Test
  void vectorsStayAsTheyAreInTheirFormat() throws IOException {
    PartFormat format = new PartFormat(FileFormat.of("parquet"), VectorFormat.INT8, "snappy");
    write(run(1), new Night(List.of(embedding(1, 1), embedding(2, 1)), List.of()), format);
    write(run(2), new Night(List.of(embedding(2, 2)), List.of("1")), format);
    write(run(3), new Night(List.of(embedding(3, 3)), List.of()), format);
    Map<String, String> before = view(CurrentView.of(dataset()));
    compact();
    Path base = folders().get(3);
    assertThat(base.getFileName().toString()).startsWith("run=" + run(3) + "-base-");
    assertThat(records(base))
        .allSatisfy(
            record ->
                assertThat(record.getSchema()).isEqualTo(EmbeddingRecord.schema(VectorFormat.INT8)))
        .hasSize(3);
    assertThat(parts(base)).allMatch(part -> part.toString().endsWith(".parquet"));
    assertThat(view(CurrentView.of(dataset()))).isEqualTo(before);
  }

  @Test
  void aRunThatIsBeingWrittenEndsWhatIsMerged() throws IOException {
    write(run(1), new Night(List.of(embedding(1, 1)), List.of()));
    write(run(2), new Night(List.of(embedding(2, 2)), List.of()));
    sign(run(3));
    write(run(4), new Night(List.of(embedding(1, 4)), List.of()));
    Compaction compaction = Compaction.of(dataset(), "m");
    assertThat(compaction.waitsFor()).isEqualTo(run(3));
    assertThat(compaction.merged()).extracting(DatasetRun::name).containsExactly(run(2), run(1));
    compact();
    write(run(3), new Night(List.of(embedding(1, 3), embedding(3, 3)), List.of()));
    assertThat(view(CurrentView.of(dataset())))
        .isEqualTo(
            Map.of(
                "1",
                text(embedding(1, 4)),
                "2",
                text(embedding(2, 2)),
                "3",
                text(embedding(3, 3))));
  }

  /** Whichever of both is first, the other one sees it. */
  @Test
  void noRunBeforeABaseIsPublishedLater() throws IOException {
    write(run(1), new Night(List.of(embedding(1, 1)), List.of()));
    write(run(3), new Night(List.of(embedding(1, 3)), List.of()));
    Compaction compaction = Compaction.of(dataset(), "m");
    sign(run(2));
    try (RunLease lease = compaction.begin(clock(4))) {
      assertThatThrownBy(() -> compact(compaction, lease))
          .hasMessageContaining("The run %s appeared while".formatted(run(2)));
      assertThat(DatasetRun.list(dataset())).hasSize(2);
      assertThatThrownBy(() -> write(run(2), new Night(List.of(embedding(1, 2)), List.of())))
          .hasMessageContaining("The run %s cannot be published any more".formatted(run(2)));
      lease.end();
    }
    assertThat(view(CurrentView.of(dataset()))).isEqualTo(Map.of("1", text(embedding(1, 3))));
  }

  @Test
  void aRunThatWasHeldBackIsPassedBy() throws IOException {
    write(run(1), new Night(List.of(embedding(1, 1)), List.of()));
    write(run(2), new Night(List.of(embedding(1, 2)), List.of()));
    Files.delete(folder(run(2)).resolve(RunManifest.SUCCESS));
    write(run(3), new Night(List.of(embedding(2, 3)), List.of()));
    compact();
    RunFolder held = RunFolder.find(folder(run(2)).toString());
    assertThatThrownBy(held::publish).hasMessageContaining("cannot be published any more");
    assertThat(folder(run(2)).resolve("_RUNNING")).doesNotExist();
    RunLease.take(dataset(), "m", Clock.systemUTC(), RunLease.PATIENCE).end();
    assertThat(DatasetRun.list(dataset())).as("nor by the next run").hasSize(1);
  }

  @Test
  void whatLaterRunsCompareThemselvesWithStays() throws IOException {
    write(run(1), new Night(List.of(embedding(1, 1)), List.of()));
    Files.writeString(folder(run(1)).resolve(RunStatistics.NAME), "old");
    Files.writeString(folder(run(1)).resolve(Canaries.VECTORS), "canaries");
    write(run(2), new Night(List.of(embedding(1, 2)), List.of()));
    Files.writeString(folder(run(2)).resolve(RunStatistics.NAME), "new");
    write(run(3), new Night(List.of(embedding(2, 3)), List.of()));
    compact();
    Path base = folders().get(3);
    assertThat(base.resolve(RunStatistics.NAME)).hasContent("new");
    assertThat(base.resolve(Canaries.VECTORS)).hasContent("canaries");
  }

  @Test
  void aMomentIsATimeOrARun() throws IOException {
    write(run(1), new Night(List.of(embedding(1, 1)), List.of()));
    assertThat(asOf("run=" + run(1)).runs()).hasSize(1);
    assertThat(asOf("2999-01-01T00:00:00+01:00").runs()).hasSize(1);
    assertThatThrownBy(() -> asOf("2020-01-01T00:00:00Z"))
        .hasMessage("no run in %s was published by 2020-01-01T00:00:00Z".formatted(dataset()));
    assertThatThrownBy(() -> asOf("20250101T000000Z-no"))
        .hasMessageStartingWith("no published run in %s has the name".formatted(dataset()));
    assertThatThrownBy(() -> AsOf.parse("yesterday"))
        .hasMessageStartingWith("'yesterday' is neither a time with its zone");
  }

  /** A reader that looks for files once goes on after the runs that it reads were replaced. */
  @Test
  void vacuumWaits() throws IOException {
    write(run(1), new Night(List.of(embedding(1, 1)), List.of()));
    write(run(2), new Night(List.of(embedding(2, 2)), List.of()));
    CurrentView bound = CurrentView.of(dataset());
    compact();
    vacuum(Duration.ofDays(30));
    assertThat(view(bound)).isEqualTo(view(CurrentView.of(dataset()))).hasSize(2);
    sign(run(0));
    vacuum(Duration.ZERO);
    assertThat(folders()).as("the base, and what may be written").hasSize(2);
  }

  /** An interrupted vacuum has deleted some of the files of a run, the first of them first. */
  @Test
  void anInterruptedVacuumIsFinishedByTheNext() throws IOException {
    write(run(1), new Night(List.of(embedding(1, 1)), List.of()));
    write(run(2), new Night(List.of(embedding(2, 2)), List.of("1")));
    compact();
    Files.delete(folder(run(1)).resolve(RunManifest.SUCCESS));
    RunLease.take(dataset(), "m", Clock.systemUTC(), RunLease.PATIENCE).end();
    assertThat(view(CurrentView.of(dataset()))).isEqualTo(Map.of("2", text(embedding(2, 2))));
    vacuum(Duration.ZERO);
    assertThat(folder(run(1))).doesNotExist();
    assertThat(folder(run(2))).doesNotExist();
  }

  private static String run(int night) {
    return "202601%02dT000000Z-night".formatted(night);
  }

  private static Clock clock(int night) {
    return Clock.fixed(Instant.parse("2026-01-%02dT00:00:00Z".formatted(night)), ZoneOffset.UTC);
  }

  private String dataset() {
    return dataset.toString();
  }

  private Path folder(String run) {
    return dataset.resolve("model=m").resolve("run=" + run);
  }

  private void sign(String run) throws IOException {
    Files.writeString(Files.createDirectories(folder(run)).resolve(RunLease.NAME), "{}");
  }

  private void write(String run, Night night) throws IOException {
    write(run, night, PartFormat.DEFAULT);
  }

  private void write(String run, Night night, PartFormat format) throws IOException {
    sign(run);
    Map<String, String> settings =
        Map.of(
            RunManifest.FORMAT,
            format.files().code(),
            RunManifest.VECTORS,
            format.vectors().code());
    RunSpec spec = new RunSpec(dataset(), "m", run, 0, 3, settings, Map.of());
    Pipeline pipeline = DirectPipeline.unchecked();
    List<KV<String, String>> gone =
        night.gone.stream().map(id -> KV.of(id, "/images/" + id)).toList();
    PCollectionTuple.of(
            WriteRun.EMBEDDINGS,
            pipeline.apply(Create.of(night.embeddings).withCoder(EmbeddingCoder.of())))
        .and(
            WriteRun.GONE,
            pipeline.apply(
                "Gone",
                Create.of(gone).withCoder(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of()))))
        .apply(WriteRun.of(spec, format, QualityGates.NONE));
    pipeline.run().waitUntilFinish();
  }

  private void compact() throws IOException {
    Compaction compaction = Compaction.of(dataset(), "m");
    try (RunLease lease = compaction.begin(Clock.systemUTC())) {
      compact(compaction, lease);
    }
  }

  private static void compact(Compaction compaction, RunLease lease) throws IOException {
    RunSpec base = compaction.base(lease, Map.of());
    Pipeline pipeline = DirectPipeline.unchecked();
    pipeline.apply(CompactRuns.of(compaction, base, compaction.format(base)));
    pipeline.run().waitUntilFinish();
  }

  private void vacuum(Duration retain) throws IOException {
    Instant soon = Clock.systemUTC().instant().plusSeconds(2);
    for (Vacuum.Removal removal : Vacuum.find(RunFolder.list(dataset()), retain, soon)) {
      removal.delete();
    }
  }

  private CurrentView asOf(String moment) throws IOException {
    return CurrentView.of(dataset(), "m", AsOf.parse(moment));
  }

  private static String text(Embedding embedding) {
    return "%s %s %s %s %s"
        .formatted(
            embedding.uri(),
            embedding.label(),
            embedding.contentSha256(),
            embedding.embeddedAt(),
            Arrays.toString(embedding.vector()));
  }

  private static Map<String, String> view(CurrentView view) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    view.forEachInOrder(one -> assertThat(texts.put(one.id(), text(one))).isNull());
    return texts;
  }

  /** What a query sees that reads all folders, and takes the newest record of each id. */
  private Map<String, String> newestOfAllFolders() throws IOException {
    Map<String, @Nullable Embedding> newest = new HashMap<>();
    for (Path run : folders()) {
      for (GenericRecord record : records(run)) {
        newest.put(record.get("id").toString(), EmbeddingRecord.toEmbedding(record));
      }
    }
    Map<String, String> texts = new TreeMap<>();
    newest.forEach(
        (id, embedding) -> {
          if (embedding != null) {
            texts.put(id, text(embedding));
          }
        });
    return texts;
  }

  /** Returns the folders of runs by name. */
  private List<Path> folders() throws IOException {
    try (Stream<Path> folders = Files.list(dataset.resolve("model=m"))) {
      return folders
          .filter(Files::isDirectory)
          .sorted(Comparator.comparing(folder -> folder.getFileName().toString()))
          .toList();
    }
  }

  private static List<Path> parts(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run)) {
      return files.filter(file -> PartFile.isName(file.getFileName().toString())).toList();
    }
  }

  private static List<GenericRecord> records(Path run) throws IOException {
    List<GenericRecord> records = new ArrayList<>();
    for (Path part : parts(run)) {
      PartFile.of(part.toString()).read(records::add);
    }
    return records;
  }

  private List<String> history() throws IOException {
    RunHistory.update(dataset(), "m");
    return Files.readAllLines(dataset.resolve("model=m/_history.jsonl")).stream()
        .map(line -> line.replaceAll(".*\"run\":\"([^\"]*)\".*", "$1"))
        .toList();
  }
}
