package com.example.simclrbeam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.pipelines.cli.Simclr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both examples, with a model that was trained for a moment. */
final class ExamplesTest {
  private static final int IMAGES = 32;

  @TempDir private static Path folder;

  @BeforeAll
  static void embed() throws IOException {
    simclr("sample", "--output=" + folder.resolve("images"), "--images=" + IMAGES);
    simclr(
        "train",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve("model"),
        "--imageSize=32",
        "--width=0.0625",
        "--batchSize=16",
        "--steps=2",
        "--runner=direct");
    Files.writeString(folder.resolve("images/text.jpg"), "no picture");
    EmbedFiles.main(
        new String[] {
          "--images=" + folder.resolve("images/**"),
          "--model=" + folder.resolve("model"),
          "--embeddings=" + folder.resolve("embeddings")
        });
  }

  private static void simclr(String... command) {
    assertThat(Simclr.run(command)).as(Arrays.toString(command)).isZero();
  }

  private static void find(Path picture) throws IOException {
    FindSimilar.main(
        new String[] {
          "--picture=" + picture,
          "--model=" + folder.resolve("model"),
          "--embeddings=" + folder.resolve("embeddings"),
          "--output=" + folder.resolve("similar.txt"),
          "--count=3"
        });
  }

  @Test
  void allImagesAreEmbeddedAndTheTextIsRejected() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("embeddings"))) {
      Path manifest =
          files.filter(file -> file.endsWith("_MANIFEST.json")).findFirst().orElseThrow();
      assertThat(manifest.resolveSibling("_SUCCESS")).exists();
      assertThat(Files.readString(manifest).replaceAll("\\s", ""))
          .contains("\"embedded\":" + IMAGES + ",", "\"rejected\":1,");
    }
  }

  @Test
  void aPictureOfTheDataSetIsFoundFirst() throws IOException {
    Path picture;
    try (Stream<Path> files = Files.walk(folder.resolve("images"))) {
      picture = files.filter(file -> file.toString().endsWith(".png")).findAny().orElseThrow();
    }

    find(picture);

    List<String> found = Files.readAllLines(folder.resolve("similar.txt"));
    assertThat(found).hasSize(3).first().isEqualTo("1.0000 " + picture);
    assertThat(found.stream().map(line -> line.substring(0, line.indexOf(' '))))
        .isSortedAccordingTo(Comparator.reverseOrder());
  }

  @Test
  void whatIsNoPictureIsRefused() {
    Path text = folder.resolve("images/text.jpg");
    assertThatThrownBy(() -> find(text)).hasMessageContaining(text + " cannot be used");
  }
}
