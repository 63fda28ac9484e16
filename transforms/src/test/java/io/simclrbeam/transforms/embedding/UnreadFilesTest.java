package io.simclrbeam.transforms.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.dataset.CompactRuns;
import io.simclrbeam.transforms.dataset.Compaction;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.Findings;
import io.simclrbeam.transforms.dataset.QualityGates;
import io.simclrbeam.transforms.dataset.RunLease;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are as an earlier run read them are not read again. */
final class UnreadFilesTest {
  private static final TrainingSettings SETTINGS =
      TestSettings.small().batchSize(2).steps(0).build();

  @TempDir private Path temporary;
  private Path images;
  private BeamFileStore model;
  private ModelCard card;
  private int decoder = ImageDecoder.VERSION;
  private String reading = "usual";
  private boolean retryRejects;

  @BeforeEach
  void exportModel() throws IOException {
    model = new BeamFileStore(temporary.resolve("model").toString());
    TrainingRun.initialize(model, SETTINGS);
    card = ModelExport.export(model, SETTINGS, 1, "none", Map.of(), Clock.systemUTC());
    images = temporary.resolve("images");
  }

  @Test
  void whatTheStoreSaysDecides() throws IOException {
    TestImages.writeFolder(images, 4);
    TestImages.writeTar(images.resolve("a.tar"), 3);
    settle();
    assertThat(night("1", true).counts()).isEqualTo(counts(7, 7, 0, 0, 0));
    spoil(images.resolve("class-0/image-000.png"));
    spoil(images.resolve("a.tar"));
    assertThat(night("2", true).counts()).isEqualTo(counts(7, 0, 7, 0, 0));
    // The twin that reads all sees that there is no picture any more.
    assertThat(night("3", false).counts().rejected()).isEqualTo(2);
    // And so does the next one, as the twin has kept what it found.
    assertThat(night("4", true).counts().rejected()).isEqualTo(2);
    images = images.resolve("class-1");
    assertThat(night("5", true).counts())
        .as("ids below another input")
        .isEqualTo(counts(1, 1, 0, 0, 7));
  }

  @Test
  void aFileThatChangedJustNowIsReadAgain() throws IOException {
    TestImages.writeFolder(images, 1);
    Path file = images.resolve("class-0/image-000.png");
    night("1", true);
    FileTime time = Files.getLastModifiedTime(file);
    Files.write(file, TestImages.png(5));
    Files.setLastModifiedTime(file, time);
    assertThat(night("2", true).counts().embedded()).isEqualTo(1);
  }

  @Test
  void rejectsAreRememberedUntilTheyAreTriedAgain() throws IOException {
    TestImages.writeFolder(images, 3);
    Files.write(images.resolve("broken.png"), "no picture".getBytes(UTF_8));
    Map<String, byte[]> entries = new TreeMap<>();
    entries.put("x/bad.png", new byte[200]);
    entries.put("x/good.png", TestImages.png(50));
    TestImages.writeTar(images.resolve("a.tar"), entries);
    settle();
    assertThat(night("1", true).counts()).isEqualTo(counts(6, 4, 0, 2, 0));
    assertThat(rejects("1").known()).isZero();
    for (String night : List.of("2", "3")) {
      assertThat(night(night, true).counts()).isEqualTo(counts(6, 0, 4, 2, 0));
      assertThat(rejects(night).describe()).endsWith(", of which 2 known and not read again");
      compact("out"); // which forgets nothing
    }
    Files.write(images.resolve("broken.png"), TestImages.png(51));
    settle();
    assertThat(night("4", true).counts()).isEqualTo(counts(6, 1, 4, 1, 0));
    retryRejects = true;
    assertThat(night("5", true).counts()).isEqualTo(counts(6, 0, 5, 1, 0));
    assertThat(rejects("5").known()).isZero();
  }

  @Test
  void anotherDecoderTriesRejectsAgainAndAnotherWayOfReadingAll() throws IOException {
    TestImages.writeFolder(images, 2);
    Files.write(images.resolve("broken.png"), "no picture".getBytes(UTF_8));
    settle();
    decoder = ImageDecoder.VERSION - 1;
    night("1", true);
    night("1a", true);
    compact("out");
    spoil(images.resolve("class-0/image-000.png"));
    decoder = ImageDecoder.VERSION;
    assertThat(night("2", true).counts()).isEqualTo(counts(3, 0, 2, 1, 0));
    assertThat(rejects("2").known()).isZero();
    reading = "other fields";
    assertThat(night("3", true).counts().rejected()).isEqualTo(2);
  }

  /** An image that was good once and is broken now keeps its embedding, read again or not. */
  @Test
  void aKnownRejectIsNotGone() throws IOException {
    TestImages.writeFolder(images, 3);
    settle();
    night("1", true);
    Files.write(images.resolve("class-0/image-000.png"), "no picture".getBytes(UTF_8));
    settle();
    for (String night : List.of("2", "3")) {
      assertThat(night(night, true).counts()).isEqualTo(counts(3, 0, 2, 1, 0));
    }
  }

  /** Whatever happens to files: the same counts and the same view as a twin that reads all. */
  @Test
  void readsWhatATwinReads() throws IOException {
    SeededRandom random = SeededRandom.of(20);
    TestImages.writeFolder(images, 6);
    TestImages.writeTar(images.resolve("a.tar"), 4);
    Files.createDirectories(images.resolve("b"));
    for (int night = 1; night <= 4; night++) {
      settle();
      String name = Integer.toString(night);
      RunManifest quick = night(name, "quick", true);
      RunManifest slow = night(name, "slow", false);
      assertThat(quick.counts()).as("night %d", night).isEqualTo(slow.counts());
      assertThat(view("quick")).as("night %d", night).isEqualTo(view("slow"));
      if (night == 2) {
        compact("quick");
      }
      for (int change = 0; change < 8; change++) {
        changeSomething(random, 100 * night + change);
      }
    }
  }

  private void changeSomething(SeededRandom random, int number) throws IOException {
    List<Path> files = files();
    Path one = files.get(random.nextInt(files.size()));
    boolean shard = one.toString().endsWith(".tar");
    switch (random.nextInt(7)) {
      case 0 -> TestImages.writeTar(images.resolve("a.tar"), 2 + random.nextInt(4));
      case 1 ->
          Files.write(images.resolve("b/new-%d.png".formatted(number)), TestImages.png(number));
      case 2 -> Files.write(images.resolve("b/%d.png".formatted(number)), new byte[50]);
      case 3 -> {
        if (files.size() > 3) {
          Files.delete(one);
        }
      }
      case 4 -> Files.setLastModifiedTime(one, FileTime.fromMillis(1_000L * number));
      case 5 ->
          Files.move(
              one, images.resolve("b/moved-%d%s".formatted(number, shard ? ".tar" : ".png")));
      default -> {
        if (shard) {
          spoil(one);
          Files.setLastModifiedTime(one, FileTime.fromMillis(1_000L * number));
        } else {
          Files.write(one, TestImages.png(number));
        }
      }
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(images)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Sets back the times of files that changed just now, so that they have marks. */
  private void settle() throws IOException {
    for (Path file : files()) {
      FileTime time = Files.getLastModifiedTime(file);
      FileTime hourAgo = FileTime.from(Clock.systemUTC().instant().minus(Duration.ofHours(1)));
      if (time.compareTo(hourAgo) > 0) {
        Files.setLastModifiedTime(file, hourAgo);
      }
    }
  }

  /** Overwrites the middle of a file, and nothing tells. */
  private static void spoil(Path file) throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    byte[] bytes = Files.readAllBytes(file);
    for (int i = bytes.length / 3; i < bytes.length / 2; i++) {
      bytes[i] ^= 0x55;
    }
    Files.write(file, bytes, StandardOpenOption.WRITE);
    Files.setLastModifiedTime(file, time);
  }

  private static RunManifest.Counts counts(
      long input, long embedded, long skipped, long rejected, long deleted) {
    return new RunManifest.Counts(input, embedded, skipped, 0, rejected, deleted);
  }

  private RejectSummary rejects(String night) throws IOException {
    return RejectSummary.read(new BeamFileStore(run(night, "out").folder()), "embed");
  }

  private Map<String, String> view(String dataset) throws IOException {
    Map<String, String> view = new TreeMap<>();
    CurrentView.of(temporary.resolve(dataset).toString())
        .forEachInOrder(
            one ->
                view.put(
                    one.id(), "%s %s %s".formatted(one.uri(), one.label(), one.contentSha256())));
    return view;
  }

  private RunSpec run(String night, String dataset) {
    return new RunSpec(
        temporary.resolve(dataset).toString(),
        card.id(),
        night,
        0,
        card.dimension(),
        Map.of(Findings.READING, reading),
        Map.of(Findings.DECODER, Integer.toString(decoder)));
  }

  private void compact(String dataset) throws IOException {
    Compaction compaction = Compaction.of(temporary.resolve(dataset).toString(), card.id());
    try (RunLease lease = compaction.begin(Clock.systemUTC())) {
      RunSpec base = compaction.base(lease, Map.of());
      Pipeline pipeline = DirectPipeline.unchecked();
      pipeline.apply(CompactRuns.of(compaction, base, compaction.format(base)));
      pipeline.run().waitUntilFinish();
    }
  }

  private RunManifest night(String night, boolean known) throws IOException {
    return night(night, "out", known);
  }

  private RunManifest night(String night, String dataset, boolean known) throws IOException {
    RunSpec run = run(night, dataset);
    boolean comparing = !night.equals("1");
    Files.writeString(Files.createDirectories(Path.of(run.folder())).resolve("_RUNNING"), "{}");
    EmbeddingSpec spec =
        EmbeddingSpec.builder(run, model.location())
            .device("cpu")
            .folderLabels(true)
            .comparing(comparing)
            .recordDeletions(comparing)
            .gates(QualityGates.NONE)
            .build();
    ListImages list = ListImages.in(List.of(images.toString())).withChunkSize(3);
    Pipeline pipeline = DirectPipeline.unchecked();
    pipeline.apply(
        EmbedImages.of(
            known && comparing ? list.withKnown(Findings.read(run, retryRejects)) : list, spec));
    pipeline.run().waitUntilFinish();
    BeamFileStore folder = new BeamFileStore(run.folder());
    assertThat(folder.exists(RunManifest.SUCCESS)).isTrue();
    return RunManifest.read(folder);
  }
}
