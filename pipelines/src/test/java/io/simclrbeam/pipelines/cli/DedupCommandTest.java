package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.TestRuns;
import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.transforms.dataset.EmbeddingRecord;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.FileImageOutputStream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DedupCommandTest {
  private static final int SIZE = 64;
  private static final int ORIGINALS = 60;
  private static final int PLANTED = 10;

  @TempDir Path temp;

  /**
   * Of some pictures there are three more versions. The encoder is one that tells them apart
   * without training: their thumbnails.
   */
  @Test
  void plantedDuplicatesAreFoundAndOthersAreNot() throws IOException {
    Path images = Files.createDirectories(temp.resolve("images"));
    for (int i = 0; i < ORIGINALS; i++) {
      BufferedImage image = Png.toBuffered(SampleImages.draw(i % 10, i, SIZE, 1));
      write(image, images, i, "");
      if (i < PLANTED) {
        writeJpeg(image, images.resolve("%03d-jpeg.jpg".formatted(i)));
        write(resize(resize(image, 48), SIZE), images, i, "-resized");
        write(image.getSubimage(1, 1, SIZE - 2, SIZE - 2), images, i, "-cropped");
      }
    }
    run("index", "--input=" + images, "--output=" + temp.resolve("index"));
    String manifest = "--manifest=" + temp.resolve("index");
    String model = "--model=" + temp.resolve("model");
    run(
        "train",
        manifest,
        model,
        "--encoder=pixels",
        "--imageSize=8",
        "--batchSize=2",
        "--steps=0",
        "--device=cpu");
    run("embed", manifest, model, "--output=" + temp.resolve("embeddings"), "--device=cpu");

    CommandRun dedup =
        run(
            "dedup",
            "--embeddings=" + temp.resolve("embeddings"),
            "--output=" + temp.resolve("dedup"),
            "--threshold=0.98",
            "--cells=4",
            "--maxCopies=4",
            "--sheet=" + temp.resolve("groups.png"),
            manifest);

    assertThat(dedup.exitCode()).isZero();
    assertSheetShowsTheLeastSimilarGroups();
    Set<String> duplicates = new TreeSet<>();
    int right = 0;
    for (GenericRecord record : groups()) {
      String id = record.get("id").toString();
      String group = record.get("group").toString();
      if (!id.equals(group)) {
        duplicates.add(id);
        right += id.substring(0, 3).equals(group.substring(0, 3)) ? 1 : 0;
      }
    }
    double recall = right / (3.0 * PLANTED);
    double precision = (double) right / duplicates.size();
    assertThat(recall).isEqualTo(1);
    assertThat(precision).isGreaterThan(0.9);
    Set<String> kept = new TreeSet<>(Files.readAllLines(temp.resolve("dedup/keep-00000.txt")));
    assertThat(kept).hasSize(ORIGINALS + 3 * PLANTED - duplicates.size());
    assertThat(kept).doesNotContainAnyElementsOf(duplicates);

    CommandRun embed =
        run(
            "embed",
            "--manifest=" + temp.resolve("dedup/keep-manifest"),
            model,
            "--output=" + temp.resolve("kept"),
            "--device=cpu");
    assertThat(embed.exitCode()).isZero();
    assertThat(embeddedIds()).isEqualTo(kept);

    // The same images, listed from one folder above: all ids are others.
    Files.createDirectory(temp.resolve("tree"));
    Files.move(images, temp.resolve("tree/images"));
    run("index", "--input=" + temp.resolve("tree"), "--output=" + temp.resolve("above"));
    CommandRun foreign =
        CommandRun.expecting(
            3,
            "dedup",
            "--runner=direct",
            "--embeddings=" + temp.resolve("embeddings"),
            "--output=" + temp.resolve("foreign"),
            "--manifest=" + temp.resolve("above"));
    assertThat(foreign.err())
        .contains("--manifest: none of the images in the manifest of " + temp.resolve("above"))
        .contains("has an embedding, such as images/", "in " + temp.resolve("embeddings"))
        .contains("known by its id, its path below the input, and its content");
    try (Stream<Path> left = Files.walk(temp.resolve("foreign"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  /** Each row begins with the kept image, scaled three times from its 64 pixels. */
  private void assertSheetShowsTheLeastSimilarGroups() throws IOException {
    BufferedImage sheet = ImageIO.read(temp.resolve("groups.png").toFile());
    Map<String, Double> least = new HashMap<>();
    for (GenericRecord record : groups()) {
      least.merge(record.get("group").toString(), (Double) record.get("similarity"), Double::min);
    }
    List<String> order =
        least.keySet().stream()
            .sorted(Comparator.comparing((String id) -> least.get(id)).thenComparing(id -> id))
            .toList();
    assertThat(order.size()).isBetween(PLANTED, 20);
    int rowHeight = 192 + 8 + 8 + 2 * 20;
    for (int row = 0; row < order.size(); row++) {
      BufferedImage kept = ImageIO.read(temp.resolve("images").resolve(order.get(row)).toFile());
      for (int at = 0; at < SIZE; at += 7) {
        int left = 16 + (192 - 3 * kept.getWidth()) / 2 + 3 * at + 1;
        int top = 16 + row * rowHeight + (192 - 3 * kept.getHeight()) / 2 + 3 * at + 1;
        assertThat(sheet.getRGB(left, top))
            .as("row %d, %s", row, order.get(row))
            .isEqualTo(kept.getRGB(at, at));
      }
    }
  }

  @Test
  void whatIsNoResultOfDedupIsNotReplaced() throws IOException {
    Path embeddings = temp.resolve("embeddings");
    Path run = Files.createDirectories(embeddings.resolve("model=m/run=20260101T000000Z"));
    TestRuns.publish(run);

    assertFails(
        2,
        "--output=%s holds something else than groups of duplicates. Give an empty folder, or one"
            + " that dedup wrote.",
        run,
        "--embeddings=" + embeddings,
        "--output=" + run);
    assertThat(run.resolve("_SUCCESS")).exists();
  }

  @Test
  void theManifestMustBeThere() throws IOException {
    Path embeddings = temp.resolve("embeddings");
    Path run = Files.createDirectories(embeddings.resolve("model=m/run=20260101T000000Z"));
    TestRuns.publish(run);

    assertFails(
        2,
        "There is no manifest.avro in --manifest=%s. Write one with 'simclr index'.",
        temp,
        "--embeddings=" + embeddings,
        "--output=" + temp.resolve("dedup"),
        "--manifest=" + temp);
  }

  @Test
  void thereMustBeEmbeddingsOfUse() throws IOException {
    Path embeddings = temp.resolve("embeddings");
    String from = "--embeddings=" + embeddings;
    String to = "--output=" + temp.resolve("dedup");
    assertFails(
        3,
        "--embeddings: there is no embedding data set in %s; embed makes one",
        embeddings,
        from,
        to);
    Path run = Files.createDirectories(embeddings.resolve("model=m/run=20260101T000000Z"));
    TestRuns.publish(run);
    assertFails(3, "--embeddings: the finished runs in %s hold no images", embeddings, from, to);
  }

  @Test
  void embeddingsThatCannotBeComparedAreNamed() throws IOException {
    Path embeddings = temp.resolve("embeddings");
    Path run = Files.createDirectories(embeddings.resolve("model=m/run=20260101T000000Z"));
    GenericRecord record =
        new GenericRecordBuilder(EmbeddingRecord.SCHEMA)
            .set("id", "a.png")
            .set("uri", "/a.png")
            .set("content_sha256", "")
            .set("width", 1)
            .set("height", 1)
            .set("model_id", "m")
            .set("embedded_at", 0L)
            .set("embedding", List.of(1f, Float.NaN))
            .build();
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(EmbeddingRecord.SCHEMA))) {
      writer.create(EmbeddingRecord.SCHEMA, run.resolve("part-0.avro").toFile());
      writer.append(record);
    }
    TestRuns.publish(run);

    assertFails(
        3,
        "--embeddings=%s: the embedding of a.png holds NaN; every number must be finite",
        embeddings,
        "--embeddings=" + embeddings,
        "--output=" + temp.resolve("dedup"));
    assertThat(temp.resolve("dedup/_SUCCESS")).doesNotExist();
  }

  private static void assertFails(int exitCode, String message, Path path, String... arguments) {
    List<String> all = new ArrayList<>(List.of("dedup", "--runner=direct"));
    all.addAll(List.of(arguments));
    CommandRun run = CommandRun.of(all.toArray(String[]::new));
    assertThat(run.err().strip()).isEqualTo("simclr dedup: " + message.formatted(path));
    assertThat(run.exitCode()).isEqualTo(exitCode);
  }

  private CommandRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--runner=direct");
    CommandRun run = CommandRun.of(all.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    return run;
  }

  private List<GenericRecord> groups() throws IOException {
    return records(temp.resolve("dedup/groups-00000.avro"));
  }

  private Set<String> embeddedIds() throws IOException {
    Set<String> ids = new TreeSet<>();
    try (Stream<Path> files = Files.walk(temp.resolve("kept"))) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
        records(file).forEach(record -> ids.add(record.get("id").toString()));
      }
    }
    return ids;
  }

  private static List<GenericRecord> records(Path file) throws IOException {
    List<GenericRecord> records = new ArrayList<>();
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
      reader.forEach(records::add);
    }
    return records;
  }

  private static void write(BufferedImage image, Path folder, int number, String version)
      throws IOException {
    Files.write(folder.resolve("%03d%s.png".formatted(number, version)), Png.encode(image));
  }

  private static void writeJpeg(BufferedImage image, Path file) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam quality = writer.getDefaultWriteParam();
    quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    quality.setCompressionQuality(0.75f);
    try (FileImageOutputStream out = new FileImageOutputStream(file.toFile())) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), quality);
    } finally {
      writer.dispose();
    }
  }

  private static BufferedImage resize(BufferedImage image, int size) {
    BufferedImage resized = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = resized.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, size, size, null);
    graphics.dispose();
    return resized;
  }
}
