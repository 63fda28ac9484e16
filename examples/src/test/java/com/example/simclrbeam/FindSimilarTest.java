package com.example.simclrbeam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.pipelines.cli.Simclr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FindSimilarTest {
  @TempDir private static Path folder;

  /** Images, a model trained on them for a moment, and their embeddings. */
  @BeforeAll
  static void embed() {
    run("sample", "--output=" + folder.resolve("images"), "--images=32");
    run(
        "train",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve("model"),
        "--imageSize=32",
        "--width=0.0625",
        "--batchSize=16",
        "--steps=2",
        "--runner=direct");
    run(
        "embed",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve("model"),
        "--output=" + folder.resolve("embeddings"),
        "--precision=fp32",
        "--runner=direct");
  }

  private static void run(String... command) {
    assertThat(Simclr.run(command)).as(Arrays.toString(command)).isZero();
  }

  private static void find(Path picture) throws IOException {
    FindSimilar.main(
        new String[] {
          "--picture=" + picture,
          "--model=" + folder.resolve("model"),
          "--embeddings=" + folder.resolve("embeddings"),
          "--output=" + folder.resolve("similar.txt"),
          "--images=3"
        });
  }

  @Test
  void aPictureOfTheDataSetIsFoundFirst() throws IOException {
    Path images = folder.resolve("images");
    Path picture;
    try (Stream<Path> files = Files.walk(images)) {
      picture = files.filter(Files::isRegularFile).sorted().skip(20).findFirst().orElseThrow();
    }

    find(picture);

    List<String> found = Files.readAllLines(folder.resolve("similar.txt"));
    assertThat(found).hasSize(3).first().isEqualTo("1.0000 " + images.relativize(picture));
    assertThat(found).isSortedAccordingTo((a, b) -> b.substring(0, 6).compareTo(a.substring(0, 6)));
  }

  @Test
  void whatIsNoPictureIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.jpg"), "no picture");
    assertThatThrownBy(() -> find(text)).hasMessageContaining(text + " cannot be used");
  }
}
