package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.pipelines.embed.EmbedJob;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The life of the runs of an embedding data set, as a user sees it. */
final class EmbeddingRunsTest {
  @TempDir private Path folder;

  @BeforeEach
  void makeAModel() {
    dataset().make();
  }

  private SmallDataset dataset() {
    return new SmallDataset(folder);
  }

  private String path(String name) {
    return dataset().path(name);
  }

  private CommandRun embed(int exitCode, String... more) {
    return dataset().embed(exitCode, path("out"), more);
  }

  /** The runs, the oldest first. */
  private List<Path> runs() throws IOException {
    try (Stream<Path> models = Files.list(folder.resolve("out"))) {
      Path model = models.findFirst().orElseThrow();
      try (Stream<Path> runs = Files.list(model)) {
        return runs.filter(Files::isDirectory).sorted().toList();
      }
    }
  }

  private List<String> history() throws IOException {
    return Files.readAllLines(runs().get(0).resolveSibling("_history.jsonl"));
  }

  @Test
  void countsAreFieldsOfTheLog() {
    Logger logger = (Logger) LoggerFactory.getLogger(EmbedJob.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      embed(0);
    } finally {
      logger.detachAppender(log);
    }

    Map<String, Object> counts =
        log.list.stream()
            .filter(event -> event.getKeyValuePairs() != null)
            .flatMap(event -> event.getKeyValuePairs().stream())
            .collect(Collectors.toMap(pair -> pair.key, pair -> pair.value));
    assertThat(counts)
        .containsEntry("embedded", (long) SmallDataset.IMAGES)
        .containsEntry("skipped", 0L)
        .containsEntry("rejected", 0L)
        .containsKeys("updated", "deleted", "seconds");
  }

  @Test
  void aRunThatIsHeldBackIsSeenOnlyOnceItIsPublished() throws IOException {
    CommandRun held = embed(5, "--minRankMe=1000");
    Path run = runs().get(0);
    assertThat(held.err())
        .contains("The run is written, but held back:", "minRankMe is ", "the limit 1000")
        .contains("simclr publish " + run);
    assertThat(run.resolve("_SUCCESS")).doesNotExist();
    assertThat(run.resolve("_MANIFEST.json")).exists();
    assertThat(run.resolve("_RUNNING")).doesNotExist();
    String shown = CommandRun.expecting(0, "show", path("out")).out();
    assertThat(shown).contains("1 run,", "held back", "70", "minRankMe is ");
    assertThat(
            shown.lines().filter(line -> line.contains(run.getFileName().toString().substring(4))))
        .as("in its column")
        .allMatch(
            line -> line.indexOf("held back") == shown.lines().toList().get(1).indexOf("state"));

    assertThat(CommandRun.expecting(0, "publish", run.toString()).out())
        .contains("in spite of:", "minRankMe is ");
    assertThat(run.resolve("_SUCCESS")).exists();
    assertThat(history()).hasSize(1);
    assertThat(CommandRun.expecting(0, "show", path("out")).out()).contains(" published ");
    assertThat(CommandRun.expecting(0, "publish", run.toString()).out())
        .contains("is published already");

    embed(0);
    assertThat(history())
        .hasSize(2)
        .allMatch(line -> line.startsWith("{\"format_version\":1,\"run\":\"20"))
        .last()
        .asString()
        .contains("\"skipped\":70");
  }

  @Test
  void runsBecomeABaseAndAreVacuumed() throws IOException {
    Path images = folder.resolve("images");
    embed(0);
    Files.copy(firstImage(images), images.resolve("new.png"));
    embed(0);
    String second = runs().get(1).getFileName().toString();
    byte[] then = export();
    embed(5, "--canaries=0", "--incremental=false", "--minRankMe=1000");
    Files.delete(images.resolve("new.png"));
    embed(0, "--recordDeletions", "--compactAfter=3");

    assertThat(runs()).hasSize(5);
    assertThat(CommandRun.expecting(2, "publish", runs().get(2).toString()).err())
        .contains("cannot be published any more, as the base ");
    String base = runs().get(4).getFileName().toString();
    assertThat(CommandRun.expecting(0, "show", path("out")).out())
        .containsPattern("replaced +70 +0 +0 +0 +0 ")
        .containsPattern("replaced +1 +70 +0 +0 +0 ")
        .containsPattern("replaced +0 +70 +0 +0 +1 ")
        .containsPattern("base +70 +0 +0 +0 +1 ")
        .contains(" files with 71 records, of which about 1 is replaced or deleted")
        .contains("3 runs are replaced by a base. 'simclr vacuum ");
    assertThat(history()).hasSize(3);
    assertThat(export("--asOf=" + second)).isEqualTo(then);
    byte[] now = export();
    assertThat(now).isNotEqualTo(then);

    assertThat(vacuum("--retain=30d")).contains("There is nothing to delete: of 5 runs");
    assertThat(vacuum("--retain=0d", "--dryRun"))
        .contains("Would delete model=", second + ", ", ": replaced by ")
        .contains("Would delete 4 runs of 5, ");
    assertThat(runs()).hasSize(5);
    assertThat(vacuum("--retain=0d")).contains("Deleted 4 runs of 5, ");
    assertThat(runs()).extracting(run -> run.getFileName().toString()).containsExactly(base);
    assertThat(export()).isEqualTo(now);
    assertThat(
            CommandRun.expecting(
                    3, "export", path("out"), "--output=" + path("e.csv"), "--asOf=" + second)
                .err())
        .contains(second.substring(4) + " is gone", "it can be read as of run ");
    assertThat(history()).as("runs that are gone").hasSize(3);

    embed(0);
    assertThat(history()).hasSize(4).last().asString().contains("\"embedded\":0,\"skipped\":70,");
    CommandRun.expecting(0, "compact", path("out"), "--runner=direct");
    assertThat(runs()).hasSize(3);
    CommandRun.expecting(0, "compact", path("out"), "--runner=direct");
    assertThat(runs()).as("nothing to merge").hasSize(3);
  }

  private byte[] export(String... more) throws IOException {
    Path file = folder.resolve("export.csv");
    CommandRun.expecting(
        0,
        Stream.concat(Stream.of("export", path("out"), "--output=" + file), Stream.of(more))
            .toArray(String[]::new));
    // A base has the records in another order.
    return Files.readAllLines(file).stream().sorted().collect(joining("\n")).getBytes(UTF_8);
  }

  private String vacuum(String... more) {
    return CommandRun.expecting(
            0,
            Stream.concat(Stream.of("vacuum", path("out")), Stream.of(more)).toArray(String[]::new))
        .out();
  }

  private static Path firstImage(Path images) throws IOException {
    try (Stream<Path> files = Files.walk(images)) {
      return files
          .filter(file -> file.toString().endsWith(".png"))
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }

  /** As with a part of the data set for an input, or a folder whose disk is not mounted. */
  @Test
  void aRunThatWouldDeleteMuchIsHeldBack() throws IOException {
    List<Path> parts;
    try (Stream<Path> classes = Files.list(folder.resolve("images"))) {
      parts = classes.filter(Files::isDirectory).sorted().toList();
    }
    embedPart(0, parts.get(0));
    assertThat(embedPart(5, parts.get(1), "--recordDeletions").err())
        .contains("maxDeletions is 7.000, the limit 0.7000: 7 of 7 images in the data set gone");
    assertThat(runs().get(1).resolve("_SUCCESS")).doesNotExist();
    embedPart(0, parts.get(1), "--recordDeletions", "--maxDeletions=7");
    assertThat(history()).hasSize(2).last().asString().contains("\"deleted\":7");
  }

  private CommandRun embedPart(int exitCode, Path part, String... more) {
    return dataset().embed(exitCode, part, path("out"), more);
  }

  @Test
  void aDataSetWithoutLabelsGetsThemFromTheNextRun() throws IOException {
    embed(0);
    embed(0, "--labels=folder");
    assertThat(history())
        .hasSize(2)
        .last()
        .asString()
        .contains("\"embedded\":0,\"skipped\":0,\"updated\":70,");
    assertThat(CommandRun.expecting(0, "show", path("out")).out())
        .containsPattern("published +70 +0 +0 +0 +0 ")
        .containsPattern("published +0 +0 +70 +0 +0 ");
    CommandRun.expecting(0, "evaluate", "--train=" + path("out"), "--test=" + path("out"));
  }

  /** 220 images are enough for gates to judge, 6 are not. */
  @Test
  void gatesThatDidNotJudgeAreShownAndJudgeIfTheyAreSet() throws IOException {
    CommandRun.expecting(0, "sample", "--output=" + path("many"), "--images=220", "--size=8");
    embedPart(0, folder.resolve("many"));
    Path few = Files.createDirectories(folder.resolve("few"));
    try (Stream<Path> images = Files.walk(folder.resolve("images"))) {
      for (Path image : images.filter(Files::isRegularFile).sorted().limit(6).toList()) {
        Files.copy(image, few.resolve(image.getFileName()));
      }
    }
    String[] command = {
      "embed",
      "--runner=direct",
      "--input=" + few,
      "--model=" + path("model"),
      "--output=" + path("out")
    };
    CommandRun.expecting(0, command);
    assertThat(CommandRun.expecting(0, "show", path("out")).out())
        .containsSubsequence(
            "maxNormChange, maxFrechet not judged: there is no earlier run to compare with",
            "maxCanaryChange not judged: ",
            "minRankMe, maxNormChange, maxFrechet not judged: 6 new embeddings are too few;");

    List<String> more = new ArrayList<>(List.of(command));
    more.addAll(List.of("--incremental=false", "--minRankMe=60"));
    assertThat(CommandRun.expecting(5, more.toArray(String[]::new)).err())
        .contains("minRankMe is ", ", the limit 60.00: effective rank ")
        .contains(" of 12 embeddings of the last 2 runs");
  }

  /** What the store says of a file decides, unless its content is asked for. */
  @Test
  void filesThatAreAsTheyWereAreNotRead() throws IOException {
    Path broken = Files.writeString(folder.resolve("images/broken.png"), "no picture");
    List<Path> images;
    try (Stream<Path> files = Files.walk(folder.resolve("images"))) {
      images = files.filter(Files::isRegularFile).sorted().toList();
    }
    FileTime before = FileTime.from(Instant.parse("2024-05-06T07:08:09Z"));
    for (Path image : images) {
      Files.setLastModifiedTime(image, before);
    }
    String most = "--maxRejects=2";
    embed(0, most);
    Path spoiled = images.stream().filter(image -> !image.equals(broken)).findFirst().get();
    Files.write(spoiled, new byte[(int) Files.size(spoiled)], StandardOpenOption.WRITE);
    Files.setLastModifiedTime(spoiled, before);

    embed(0, most);
    embed(0, most, "--retryRejects");
    embed(0, most, "--verify=content");
    List<RejectSummary> rejects = new ArrayList<>();
    for (Path run : runs()) {
      rejects.add(RejectSummary.read(new BeamFileStore(run.toString()), "embed"));
    }
    assertThat(rejects).extracting(RejectSummary::total).containsExactly(1L, 1L, 1L, 2L);
    assertThat(rejects).extracting(RejectSummary::known).containsExactly(0L, 1L, 0L, 0L);
    assertThat(history()).hasSize(4).element(1).asString().contains("\"skipped\":70,");
    assertThat(embed(2, "--verify=maybe").err())
        .contains("--verify is 'maybe', but must be store or content");
  }

  @Test
  void anInputThatMatchesNothingEndsTheCommandBeforeARunBegins() {
    CommandRun run =
        CommandRun.expecting(
            3,
            "embed",
            "--runner=direct",
            "--input=" + path("images"),
            "--input=" + path("lost"),
            "--model=" + path("model"),
            "--output=" + path("out"));
    assertThat(run.err())
        .contains("No file matches --input=%1$s (there is no %1$s). ".formatted(path("lost")));
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aDataSetThatBeganInInt8StaysWithIt() throws IOException {
    assumeTrue(ComputeDevice.hasFastInt8(Device.cpu()), "no fast int8 here");
    embed(0, "--precision=int8", "--maxCanaryChange=1"); // untrained, it may lose much
    assertThat(runs().get(0).resolve("_MANIFEST.json"))
        .content()
        .contains("64 other bits; compared with float32");
    embed(0);
    assertThat(runs().get(1).resolve("_MANIFEST.json"))
        .content()
        .contains("\"precision\" : \"int8\"", "0 other bits; same hardware");
  }

  @Test
  void anEncoderWithoutConvolutionsIsNotComputedInInt8() {
    CommandRun.expecting(
        0,
        "train",
        "--runner=direct",
        "--input=" + path("images"),
        "--model=" + path("pixels"),
        "--encoder=pixels",
        "--imageSize=8",
        "--batchSize=8",
        "--steps=0");
    CommandRun run =
        CommandRun.expecting(
            2,
            "embed",
            "--runner=direct",
            "--input=" + path("images"),
            "--model=" + path("pixels"),
            "--output=" + path("out"),
            "--precision=int8");
    assertThat(run.err())
        .contains(
            "--precision=int8: the encoder pixels does not consist of convolutions, which int8 is"
                + " for; choose fp32.");
  }

  @Test
  void theNextRunLeavesAHeldBackOneAlone() throws IOException {
    embed(5, "--minRankMe=1000");
    embed(5, "--minRankMe=1000");
    assertThat(runs())
        .hasSize(2)
        .allSatisfy(run -> assertThat(run.resolve("_SUCCESS")).doesNotExist())
        .allSatisfy(run -> assertThat(run.resolve("_MANIFEST.json")).exists());
  }

  @Test
  void aDamagedRunIsNotPublished() throws IOException {
    embed(5, "--minRankMe=1000");
    Path run = runs().get(0);
    try (Stream<Path> files = Files.list(run)) {
      Path part =
          files.filter(file -> file.getFileName().toString().startsWith("part-")).findFirst().get();
      Files.write(part, new byte[100]);
    }
    assertThat(CommandRun.expecting(3, "publish", run.toString()).err())
        .contains("is damaged: ", "Restore it from a backup");
    assertThat(run.resolve("_SUCCESS")).doesNotExist();
  }

  @Test
  void whatAKilledRunLeftIsFinishedOrClearedAway() throws IOException {
    embed(0);
    Path whole = runs().get(0);
    Files.delete(whole.resolve("_SUCCESS"));
    Path half = Files.createDirectories(whole.resolveSibling("run=20200101T000000Z"));
    Files.write(half.resolve("part-00000-of-00001.avro"), new byte[10]);
    Files.createDirectories(half.resolve(".temp-beam"));
    Files.write(half.resolve(".temp-beam/x"), new byte[10]);
    sign(half, Duration.ofHours(13));
    Path early = Files.createDirectories(whole.resolveSibling("run=20200103T000000Z"));
    sign(early, Duration.ofHours(13));
    Files.createDirectories(early.resolve(".temp-beam"));
    Path running = Files.createDirectories(whole.resolveSibling("run=20200102T000000Z"));
    Files.write(running.resolve("part-00000-of-00001.avro"), new byte[10]);
    sign(running, Duration.ofHours(11));
    assertThat(CommandRun.expecting(0, "show", path("out")).out()).contains("4 runs", "unfinished");

    embed(0);
    assertThat(whole.resolve("_SUCCESS")).exists();
    assertThat(half.resolve("part-00000-of-00001.avro")).doesNotExist();
    assertThat(half.resolve(".temp-beam")).doesNotExist();
    assertThat(early.resolve(".temp-beam")).doesNotExist();
    assertThat(CommandRun.expecting(0, "show", path("out")).out()).contains("3 runs");
    assertThat(running.resolve("part-00000-of-00001.avro")).exists();
    assertThat(history()).hasSize(2).last().asString().contains("\"embedded\":0");
  }

  /** Writes a sign of life, as version 0 did, of a process that is gone from this host. */
  private static void sign(Path run, Duration age) throws IOException {
    Path file =
        Files.writeString(
            run.resolve("_RUNNING"),
            """
            {"token":"t","host":"%s","process":1,"process_start":1,"renewed_at":1}"""
                .formatted(InetAddress.getLocalHost().getHostName()));
    Files.setLastModifiedTime(file, FileTime.from(Clock.systemUTC().instant().minus(age)));
  }

  @Test
  void diffNamesImagesAndSettingsThatChanged() throws IOException {
    embed(0);
    Path first;
    Path second;
    Path third;
    try (Stream<Path> classes = Files.list(folder.resolve("images"))) {
      Path one = classes.sorted().findFirst().orElseThrow();
      try (Stream<Path> files = Files.list(one)) {
        List<Path> images = files.sorted().toList();
        first = images.get(0);
        second = images.get(1);
        third = images.get(2);
      }
    }
    Files.copy(first, first.resolveSibling("new.png"));
    Files.delete(second);
    Files.write(third, Files.readAllBytes(first));
    embed(0, "--recordDeletions", "--batchSize=16");

    CommandRun diff =
        CommandRun.expecting(0, "diff", runs().get(0).toString(), runs().get(1).toString());
    String prefix = first.getParent().getFileName() + "/";
    assertThat(diff.out())
        .contains("setting batchSize: 256, then 16", "setting recordDeletions: false, then true")
        .contains("images: 70, then 70")
        .containsSubsequence("1 new", prefix + "new.png")
        .containsSubsequence("1 with other content", prefix + third.getFileName())
        .containsSubsequence("1 gone", prefix + second.getFileName())
        .doesNotContain("model:");
  }

  /** Their contents are compared where they are written. */
  @Test
  void theCurrentEmbeddingsAreExported() throws IOException {
    embed(0);
    Path gone;
    try (Stream<Path> files = Files.walk(folder.resolve("images"))) {
      gone =
          files.filter(file -> file.toString().endsWith(".png")).sorted().findFirst().orElseThrow();
    }
    Files.copy(gone, gone.resolveSibling("new.png"));
    Files.delete(gone);
    embed(0, "--recordDeletions");
    String model = runs().get(0).getParent().getFileName().toString().substring("model=".length());
    String csv = path("all.csv");

    assertThat(CommandRun.expecting(0, "export", path("out"), "--output=" + csv).out())
        .isEqualTo(
            "Wrote %d images of 2 published runs of model %s to %s.%n"
                .formatted(SmallDataset.IMAGES, model, csv));
    List<String> lines = Files.readAllLines(Path.of(csv));
    assertThat(lines).hasSize(SmallDataset.IMAGES + 1);
    assertThat(lines.get(1)).as("the newest run first").contains("/new.png,,");
    assertThat(lines).noneMatch(line -> line.contains(gone.getFileName() + ","));
    for (String named : List.of(model, path("model"))) {
      CommandRun npy =
          CommandRun.expecting(
              0, "export", path("out"), "--output=" + path("all.npy"), "--model=" + named);
      assertThat(npy.out())
          .contains(SmallDataset.IMAGES + " images", "all.npy.ids.txt", "all.npy.labels.txt");
    }

    assertThat(
            CommandRun.expecting(2, "export", path("out"), "--output=" + csv, "--model=abc").err())
        .contains("--model=abc is neither the id of a model in", "model " + model)
        .contains("nor a folder with a finished model");
    assertThat(CommandRun.expecting(2, "export", path("out"), "--output=all.txt").err())
        .contains("--output: all.txt is no name", ".parquet, .csv or .npy");
    assertThat(CommandRun.expecting(2, "export").err())
        .contains("2 problems", "DATASET is missing", "--output=FILE is missing");
    assertThat(CommandRun.expecting(3, "export", path("no"), "--output=" + csv).err())
        .contains("DATASET: there is no embedding data set in " + path("no"));
    assertThat(Files.readAllLines(Path.of(csv))).isEqualTo(lines);
    Path part;
    try (Stream<Path> files = Files.list(runs().get(0))) {
      part =
          files
              .filter(file -> file.toString().endsWith(".avro"))
              .filter(file -> file.getFileName().toString().startsWith("part-"))
              .findFirst()
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(part);
    bytes[bytes.length - 1]++;
    Files.write(part, bytes);
    assertThat(CommandRun.expecting(3, "export", path("out"), "--output=" + csv).err())
        .contains(part.toString(), "is damaged: ", "Restore it from a backup")
        .doesNotContain("--stacktrace");
  }

  @Test
  void wrongArgumentsAreExplained() {
    assertThat(CommandRun.expecting(2, "show").err()).contains("DATASET is missing");
    assertThat(CommandRun.expecting(2, "diff", "a").err()).contains("RUN is missing");
    assertThat(CommandRun.expecting(2, "show", "a", "b").err()).contains("'b' is not an option");
    assertThat(CommandRun.expecting(2, "publish", path("out")).err())
        .contains("There is no run in");
    assertThat(CommandRun.expecting(3, "show", path("nowhere")).err())
        .contains("There is no embedding data set");
    assertThat(CommandRun.of("diff", "--help").out()).contains("simclr diff RUN RUN [OPTION ...]");
  }
}
