package io.simclrbeam.transforms.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.beam.sdk.Pipeline;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestTest {
  @TempDir private Path temporary;

  @ParameterizedTest
  @CsvSource({
    "32x32, 32",
    "40x30, 30",
    "30x40 40x30 32x32, 30",
    "10x10 20x90, 10",
    "10x10 20x90 30x90, 20",
    "20x20 9x9 9x99 8x8, 9",
    "1x1 1x1 90x90 90x90 90x90, 90"
  })
  void theMedianIsThatOfTheShorterSides(String sizes, int median) throws IOException {
    Path images = Files.createDirectory(temporary.resolve("images"));
    int count = 0;
    for (String size : sizes.split(" ", -1)) {
      String[] sides = size.split("x", -1);
      BufferedImage image =
          new BufferedImage(
              Integer.parseInt(sides[0]), Integer.parseInt(sides[1]), BufferedImage.TYPE_3BYTE_BGR);
      ImageIO.write(image, "png", images.resolve(count++ + ".png").toFile());
    }
    assertThat(index(images).medianSide()).isEqualTo(median);
  }

  @Test
  void imagesOfALabelAreAClassAndOthersAreEachTheirOwn() {
    List<@Nullable String> labels = Arrays.asList("b", null, "a", "b", null, "a", "b", "");
    Manifest manifest =
        Manifest.of(
            List.of(),
            labels.stream().map(label -> ImageRef.range("id", "uri", 0, 1, label)).toList(),
            1,
            "none");
    assertThat(manifest.classes()).containsExactly(0, 1, 2, 0, 4, 2, 0, 7);
  }

  /** The slow and obvious twin keeps the images in memory. */
  @ParameterizedTest
  @ValueSource(ints = {MappedImages.SEGMENT_BITS, 12})
  void imagesOnTheDiskAreThoseOfTheRecords(int segmentBits) throws IOException {
    Random random = new Random(1);
    List<ImageRef> images = new ArrayList<>();
    try (MappedImages.Writer writer = new MappedImages.Writer(segmentBits)) {
      for (int i = 0; i < 70_000; i++) {
        String folder = random.nextInt(3) == 0 ? "gs://b/" + i + "/" : "shared/";
        ImageRef image =
            new ImageRef(
                "n\u00e9\n\ud83d\ude00/".repeat(random.nextInt(3)) + i,
                random.nextInt(9) == 0 ? "no-folder" : folder + "a.tar",
                random.nextLong() >>> (1 + random.nextInt(60)),
                random.nextInt(1 << 20),
                random.nextBoolean() ? null : new ImageRef.BlockRecord("field", i),
                random.nextBoolean() ? null : random.nextBoolean() ? "" : "label " + i,
                Sha256.of(new byte[i % 3]));
        writer.add(
            ManifestRecord.of(
                image, image.length(), 1, 1, "png", Objects.requireNonNull(image.contentSha256())));
        images.add(image);
      }
      assertThat(writer.finish()).isEqualTo(images);
    }
  }

  @Test
  void threadsOfAJobShareAManifestAndOtherJobsHaveTheirOwn() throws IOException {
    Path images = Files.createDirectory(temporary.resolve("images"));
    TestImages.writeFolder(images, 3);
    Manifest read = index(images);
    BeamFileStore store = new BeamFileStore(temporary + "/manifest");
    Manifest shared = Manifest.shared(store, "job");
    assertThat(shared).isEqualTo(read).isSameAs(Manifest.shared(store, "job"));
    assertThat(Manifest.shared(store, "other job")).isNotSameAs(shared).isEqualTo(shared);
  }

  private Manifest index(Path images) throws IOException {
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(IndexImages.of(List.of(images.toString()), temporary + "/manifest"));
    pipeline.run().waitUntilFinish();
    return Manifest.read(new BeamFileStore(temporary + "/manifest"));
  }
}
