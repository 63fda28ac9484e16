package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.neighbors.HnswWriter;
import io.simclrbeam.model.neighbors.NearestNeighbors;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.transforms.dataset.CurrentView;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeighborsCommandTest {
  private static final int IMAGES = 40;

  @TempDir private static Path folder;
  @TempDir Path temp;

  /** A data set and the model that made it: thumbnails of textures. */
  @BeforeAll
  static void embed() throws IOException {
    draw(0, IMAGES);
    train("model", "--encoder=pixels", "--imageSize=8");
    embedAll();
  }

  private static void draw(int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      String name = SampleImages.classNames().get(i % 10);
      Path file = folder.resolve("images/%s/%s-%03d.png".formatted(name, name, i));
      Files.createDirectories(file.getParent());
      Files.write(file, Png.encode(SampleImages.draw(i % 10, i, 24, 2)));
    }
  }

  private static void train(String model, String... encoder) {
    List<String> arguments = new ArrayList<>(List.of("train"));
    arguments.addAll(List.of(encoder));
    arguments.addAll(
        List.of(
            "--input=" + folder.resolve("images"),
            "--model=" + folder.resolve(model),
            "--batchSize=2",
            "--steps=0",
            "--device=cpu"));
    runPipeline(arguments.toArray(String[]::new));
  }

  private static void embedAll() {
    runPipeline(
        "embed",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve("model"),
        "--output=" + folder.resolve("embeddings"),
        "--labels=folder",
        "--device=cpu");
  }

  private static void runPipeline(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--runner=direct");
    CommandRun run = CommandRun.of(all.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
  }

  private CommandRun neighbors(String... arguments) {
    List<String> all = new ArrayList<>(List.of("neighbors"));
    all.add("--embeddings=" + folder.resolve("embeddings"));
    all.addAll(List.of(arguments));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private JsonNode json(String... arguments) throws IOException {
    Path file = temp.resolve("neighbors.json");
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--output=" + file);
    CommandRun run = neighbors(all.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).endsWith("The neighbors are in %s.%n".formatted(file));
    return new ObjectMapper().readTree(file.toFile());
  }

  private static String id(int number) {
    String name = SampleImages.classNames().get(number % 10);
    return "%s/%s-%03d.png".formatted(name, name, number);
  }

  /** Compares with the search that evaluation uses. */
  private static void assertNearest(JsonNode answer, String id, int k) throws IOException {
    LabeledEmbeddings all = CurrentView.of(folder.resolve("embeddings").toString()).load();
    int row = all.ids().indexOf(id);
    int d = all.dimension();
    float[] query = Arrays.copyOfRange(all.vectors(), row * d, (row + 1) * d);
    NearestNeighbors.Nearest expected =
        new NearestNeighbors(all.vectors(), d).search(query, k + 1).get(0);
    assertThat(expected.rows()[0]).isEqualTo(row);
    assertThat(answer.get("neighbors")).hasSize(k);
    for (int i = 0; i < k; i++) {
      JsonNode neighbor = answer.get("neighbors").get(i);
      int other = expected.rows()[i + 1];
      assertThat(neighbor.get("rank").intValue()).isEqualTo(i + 1);
      assertThat(neighbor.get("id").textValue()).isEqualTo(all.ids().get(other));
      assertThat(neighbor.get("label").textValue()).isEqualTo(all.labels().get(other));
      assertThat(neighbor.get("uri").textValue()).endsWith("images/" + all.ids().get(other));
      assertThat(neighbor.get("similarity").doubleValue())
          .isCloseTo(expected.similarities()[i + 1], within(1e-6));
    }
  }

  @Test
  void exactly() throws IOException {
    JsonNode result = json("--query=" + id(7), "--query=" + id(3), "--k=5");

    assertThat(result.get("search").textValue()).isEqualTo("exact");
    assertThat(result.get("images").intValue()).isGreaterThanOrEqualTo(IMAGES);
    assertThat(result.get("recall").isNull()).isTrue();
    assertThat(result.get("queries")).hasSize(2);
    assertThat(result.get("queries").get(0).get("id").textValue()).isEqualTo(id(7));
    assertThat(result.get("queries").get(0).get("label").textValue())
        .isEqualTo(SampleImages.classNames().get(7));
    assertNearest(result.get("queries").get(0), id(7), 5);
    assertNearest(result.get("queries").get(1), id(3), 5);
  }

  @Test
  void drawsTheQueryAndThenItsNeighbors() throws IOException {
    for (String search : List.of("exact", "hnsw")) {
      Path file = temp.resolve(search + ".png");
      CommandRun run =
          neighbors(
              "--query=" + id(7),
              "--query=" + id(3),
              "--k=12",
              "--search=" + search,
              "--index=" + temp.resolve("drawn"),
              "--sheet=" + file);
      assertThat(run.err()).isEmpty();
      assertThat(run.out())
          .endsWith("%s shows 2 of 2 queries with 10 of 12 neighbors.%n".formatted(file));
      BufferedImage sheet = ImageIO.read(file.toFile());
      assertThat(sheet.getWidth()).isEqualTo(16 + 192 + 24 + 10 * 192 + 9 * 8 + 16);
      BufferedImage query = ImageIO.read(folder.resolve("images/" + id(3)).toFile());
      for (int at = 0; at < 24; at++) { // the picture is drawn eight times as large
        assertThat(sheet.getRGB(16 + 8 * at + 4, 16 + 248 + 8 * at + 4))
            .isEqualTo(query.getRGB(at, at));
      }
    }
    assertThat(temp.resolve("exact.png")).hasSameBinaryContentAs(temp.resolve("hnsw.png"));
  }

  @Test
  void aSheetIsAPictureAndWhatIsGoneIsCounted() throws IOException {
    assertThat(neighbors("--query=" + id(7), "--sheet=a.gif").err())
        .contains("--sheet: a.gif is no name of a picture", ".png, .jpg or .jpeg");
    Path image = folder.resolve("images/" + id(5));
    byte[] bytes = Files.readAllBytes(image);
    Files.delete(image);
    try {
      CommandRun run = neighbors("--query=" + id(5), "--k=2", "--sheet=" + temp.resolve("a.jpg"));
      assertThat(run.out())
          .contains(temp.resolve("a.jpg") + " shows 1 of 1 query with 2 of 2 neighbors.")
          .endsWith("1 image could not be read.%n".formatted());
      assertThat(temp.resolve("a.jpg")).isNotEmptyFile();
    } finally {
      Files.write(image, bytes);
    }
  }

  @Test
  void throughAGraphThatIsMadeOnceForEachStateOfTheDataSet() throws IOException {
    String index = "--index=" + temp.resolve("index");
    JsonNode result = json("--query=" + id(7), "--k=5", "--search=hnsw", index);

    assertThat(result.get("search").textValue()).isEqualTo("hnsw");
    assertThat(result.get("recall").doubleValue()).isEqualTo(1);
    assertNearest(result.get("queries").get(0), id(7), 5);
    List<Path> made = graphs();
    assertThat(made).hasSize(1);

    // What is measured once is kept, so another number shows that the graph is not made anew.
    Files.writeString(made.get(0).resolve("recall-5.txt"), "0.875");
    CommandRun again = neighbors("--query=" + id(7), "--k=5", "--search=hnsw", index);
    assertThat(again.out()).contains("recall@5 is 0.875, measured on 100 queries");
    assertThat(graphs()).isEqualTo(made);

    // One that was killed, and one that is still at work.
    Path killed = made.get(0).resolveSibling(".%s.1".formatted(made.get(0).getFileName()));
    Files.createDirectories(killed);
    Path atWork = killed.resolveSibling(".%s.2".formatted(made.get(0).getFileName()));
    draw(IMAGES, IMAGES + 2);
    embedAll();
    try (HnswWriter other = new HnswWriter(atWork)) {
      other.add("a", null, "", new float[] {1});
      assertThat(neighbors("--query=" + id(7), "--search=hnsw", index).exitCode()).isZero();
      assertThat(atWork).exists();
      assertThat(killed).doesNotExist();
    }
    JsonNode more = json("--query=" + id(IMAGES + 1), "--k=5", "--search=hnsw", index);
    assertThat(more.get("images").intValue()).isEqualTo(IMAGES + 2);
    assertNearest(more.get("queries").get(0), id(IMAGES + 1), 5);
    assertThat(graphs()).hasSize(2).contains(atWork).doesNotContainAnyElementsOf(made);
  }

  private List<Path> graphs() throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("index"))) {
      return files.toList();
    }
  }

  @Test
  void graphsAreBesideTheDataSetUnlessSaidOtherwise() throws IOException {
    assertThat(neighbors("--query=" + id(1), "--search=hnsw").exitCode()).isZero();

    assertThat(folder.resolve("embeddings/_hnsw")).isNotEmptyDirectory();
    assertThat(neighbors("--query=" + id(1)).out()).contains("Compared with 40 images");
  }

  @Test
  void theTableIsReadable() {
    CommandRun run = neighbors("--query=" + id(12), "--k=2");

    List<String> lines = run.out().lines().toList();
    assertThat(lines.get(0)).isEqualTo(id(12) + "  " + SampleImages.classNames().get(2));
    assertThat(lines.get(1)).matches("  rank  similarity  id +label +uri");
    assertThat(lines.get(2)).matches("     1    [01]\\.\\d{6}  \\S+\\.png +\\w+ +\\S+\\.png");
    assertThat(lines.get(3)).startsWith("     2  ");
    assertThat(lines.get(1).indexOf("uri")).isEqualTo(lines.get(2).lastIndexOf(" ") + 1);
    assertThat(lines.get(5)).matches("Compared with \\d+ images, embedded by model \\w{12}\\.");
  }

  @Test
  void anImageFileIsEncodedAsTheDataSetWas() throws IOException {
    Path file = temp.resolve("new.png");
    Files.copy(folder.resolve("images").resolve(id(5)), file);

    JsonNode result = json("--query=" + file, "--k=3", "--model=" + folder.resolve("model"));

    JsonNode answer = result.get("queries").get(0);
    assertThat(answer.get("id").isNull()).isTrue();
    assertThat(answer.get("query").textValue()).isEqualTo(file.toString());
    JsonNode nearest = answer.get("neighbors").get(0);
    assertThat(nearest.get("id").textValue()).isEqualTo(id(5));
    assertThat(nearest.get("similarity").doubleValue()).isEqualTo(1);
    assertThat(answer.get("neighbors")).hasSize(3);
  }

  @Test
  void filesAndIdsMayBeMixed() throws IOException {
    Path file = temp.resolve("new.png");
    Files.copy(folder.resolve("images").resolve(id(5)), file);

    JsonNode result =
        json(
            "--query=" + id(8),
            "--query=" + file,
            "--query=" + id(9),
            "--model=" + folder.resolve("model"));

    assertThat(result.get("queries"))
        .extracting(query -> query.get("query").textValue())
        .containsExactly(id(8), file.toString(), id(9));
  }

  @Test
  void anUnknownIdIsNamedWithCloseOnes() {
    String name = SampleImages.classNames().get(3);
    String typo = "%s/%s-03.png".formatted(name, name);
    CommandRun run = neighbors("--query=" + typo, "--query=%s-003.png".formatted(name));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("There is no image %s in %s".formatted(typo, folder.resolve("embeddings")))
        .containsPattern("-03\\.png in \\S+; did you mean [^?]*%s[^?]*\\?".formatted(id(3)))
        .containsPattern("-003\\.png in \\S+; did you mean %s".formatted(id(3)));
  }

  @Test
  void anImageFileNeedsItsModel() throws IOException {
    Path file = temp.resolve("new.png");
    Files.copy(folder.resolve("images").resolve(id(5)), file);

    CommandRun run = neighbors("--query=" + file);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("; to look for an image file, give its --model too");
  }

  @Test
  void theModelMustBeThatOfTheDataSet() {
    train("other", "--width=0.125", "--imageSize=8");

    CommandRun run = neighbors("--query=" + id(5), "--model=" + folder.resolve("other"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .containsPattern(
            "other is model \\w{12}, but \\S+ holds embeddings of model \\w{12}; give the model");
    CommandRun none = neighbors("--query=" + id(5), "--model=" + temp);
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("There is no finished model in --model=" + temp);
  }

  /** Plain pixels are one program, whatever the size of the images. */
  @Test
  void theEmbeddingsMustBeOfOneSize() throws IOException {
    train("larger", "--encoder=pixels", "--imageSize=9");
    Path file = temp.resolve("new.png");
    Files.copy(folder.resolve("images").resolve(id(5)), file);

    CommandRun run = neighbors("--query=" + file, "--model=" + folder.resolve("larger"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).containsPattern("larger makes embeddings of \\d+ numbers, but those in");
  }

  @Test
  void aFileThatIsNoImageIsReported() throws IOException {
    Path file = Files.writeString(temp.resolve("text.png"), "no image at all");

    CommandRun run = neighbors("--query=" + file, "--model=" + folder.resolve("model"));

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("--query=%s is no usable image: ".formatted(file));
  }

  @Test
  void thereMustBeADataSet() {
    CommandRun run = CommandRun.of("neighbors", "--embeddings=" + temp, "--query=a");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .contains("--embeddings: there is no embedding data set in %s".formatted(temp));
  }
}
