package io.simclrbeam.connectors.objectstores;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.dataset.CurrentView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * What comes of some images in a place: half of them files in folders, half of them in a shard.
 *
 * @param weights of the encoder that was trained on them
 * @param embeddings by the ids of the images
 * @param evaluation the JSON file
 * @param kept ids of the images that have no near duplicates
 * @param runs what {@code show} prints of two runs of {@code embed}
 */
record Results(
    byte[] weights,
    Map<String, List<Float>> embeddings,
    String evaluation,
    String kept,
    String runs) {
  /** Images in each half. */
  static final int HALF = 40;

  static final int SIZE = 16;

  /** Makes everything, from the images on. */
  static Results in(Place place) throws IOException {
    FileStore files = place.files();
    place.run("sample", "--output=" + place.path("images"), "--images=" + HALF, "--size=" + SIZE);
    byte[] shard = shard();
    files.write("shards/more.tar", out -> out.write(shard));

    String[] inputs = {"--input=" + place.path("images"), "--input=" + place.path("shards/*.tar")};
    place.runPipeline("index", inputs[0], inputs[1], "--output=" + place.path("index"));
    train(place);
    embed(place);
    embed(place);
    String runs = place.run("show", place.path("embeddings")).out();
    place.run(
        "evaluate",
        "--train=" + place.path("embeddings"),
        "--test=" + place.path("embeddings"),
        "--knn=5",
        "--output=" + place.path("evaluation.json"));
    place.runPipeline(
        "dedup",
        "--embeddings=" + place.path("embeddings"),
        "--output=" + place.path("dedup"),
        "--threshold=0.95");

    files = place.files();
    return new Results(
        read(files, "model/encoder.safetensors"),
        embeddings(place),
        new String(read(files, "evaluation.json"), StandardCharsets.UTF_8),
        new String(read(files, "dedup/keep-00000.txt"), StandardCharsets.UTF_8),
        runs);
  }

  /** Trains the encoder, unless that is done. */
  static StoreCommand train(Place place) {
    return place.runPipeline(
        "train",
        "--manifest=" + place.path("index"),
        "--model=" + place.path("model"),
        "--encoder=resnet18",
        "--width=0.125",
        "--imageSize=" + SIZE,
        "--batchSize=8",
        "--steps=2",
        "--checkpointSteps=1",
        "--seed=7",
        "--device=cpu");
  }

  /** Embeds what is new of the images. */
  static StoreCommand embed(Place place, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "embed",
                "--input=" + place.path("images"),
                "--input=" + place.path("shards/*.tar"),
                "--model=" + place.path("model"),
                "--output=" + place.path("embeddings"),
                "--labels=folder",
                "--device=cpu"));
    arguments.addAll(List.of(more));
    return place.runPipeline(arguments.toArray(String[]::new));
  }

  /** Returns the current embeddings, by the ids of their images. */
  static Map<String, List<Float>> embeddings(Place place) throws IOException {
    place.files();
    LabeledEmbeddings embeddings = CurrentView.of(place.path("embeddings")).load();
    Map<String, List<Float>> byId = new TreeMap<>();
    for (int row = 0; row < embeddings.size(); row++) {
      List<Float> vector = new ArrayList<>();
      for (int column = 0; column < embeddings.dimension(); column++) {
        vector.add(embeddings.get(row, column));
      }
      byId.put(embeddings.ids().get(row), vector);
    }
    return byId;
  }

  static byte[] read(FileStore files, String name) throws IOException {
    try (InputStream in = files.open(name)) {
      return in.readAllBytes();
    }
  }

  private static byte[] shard() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<String> classes = SampleImages.classNames();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < HALF; i++) {
        byte[] png = Png.encode(SampleImages.draw(i % classes.size(), i, SIZE, 1));
        TarArchiveEntry entry =
            new TarArchiveEntry("%s/%03d.png".formatted(classes.get(i % classes.size()), i));
        entry.setSize(png.length);
        tar.putArchiveEntry(entry);
        tar.write(png);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
