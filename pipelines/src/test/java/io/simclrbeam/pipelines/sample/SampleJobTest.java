package io.simclrbeam.pipelines.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleJobTest {
  private final StringWriter out = new StringWriter();

  @TempDir Path temp;

  @Test
  void writesDecodableImagesInBalancedClassFolders() throws Exception {
    Path folder = temp.resolve("images");

    sample(folder, 23, 12, 5);

    Map<String, List<Path>> classes = files(folder);
    assertThat(classes).hasSize(10).containsOnlyKeys(SampleImages.classNames());
    assertThat(classes.values()).allMatch(files -> files.size() == 2 || files.size() == 3);
    int images = 0;
    for (Map.Entry<String, List<Path>> entry : classes.entrySet()) {
      for (int i = 0; i < entry.getValue().size(); i++) {
        Path file = entry.getValue().get(i);
        assertThat(file).hasFileName("%s-%05d.png".formatted(entry.getKey(), i + 1));
        RgbImage image = new ImageDecoder(ExifOrientation.IGNORE).decode(Files.readAllBytes(file));
        assertThat(image.width()).isEqualTo(12);
        assertThat(image.height()).isEqualTo(12);
        images++;
      }
    }
    assertThat(images).isEqualTo(23);
    assertThat(out.toString().strip())
        .isEqualTo(
            "Drew 23 images of 12 x 12 pixels, in 10 class folders, to %s.".formatted(folder));
  }

  @Test
  void eachImageIsDrawnForItsClassFromItsOwnNumber() throws Exception {
    sample(temp, 20, 16, 3);

    String third = SampleImages.classNames().get(3);
    Path file = temp.resolve(third).resolve(third + "-00002.png");
    RgbImage image = new ImageDecoder(ExifOrientation.IGNORE).decode(Files.readAllBytes(file));
    assertThat(image.copy().pixels()).isEqualTo(SampleImages.draw(3, 13, 16, 3).pixels());
  }

  @Test
  void anotherRunReplacesTheImagesButNothingElse() throws IOException {
    sample(temp, 10, 8, 0);
    sample(temp, 10, 8, 1);
    Path other = Files.createFile(temp.resolve("other.png"));

    assertThatThrownBy(() -> sample(temp, 10, 8, 0))
        .isInstanceOf(JobException.class)
        .hasMessage(
            ("--output=%s holds files that are not of this data set: 1, such as %s. Choose another"
                    + " folder, or empty it.")
                .formatted(temp, other))
        .extracting(thrown -> ((JobException) thrown).exitCode())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void moreImagesThanAreWantedAreNotLeftBehindUnsaid() throws IOException {
    sample(temp, 12, 8, 0);

    assertThatThrownBy(() -> sample(temp, 10, 8, 0))
        .hasMessageContaining("holds files that are not of this data set: 2,");
  }

  private void sample(Path folder, int images, int size, long seed) throws IOException {
    SampleJob.run(new SampleArgs(folder.toString(), images, size, seed), new PrintWriter(out));
  }

  private static Map<String, List<Path>> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .sorted()
          .collect(
              Collectors.groupingBy(
                  file -> folder.relativize(file).getName(0).toString(),
                  TreeMap::new,
                  Collectors.toList()));
    }
  }
}
