package io.simclrbeam.transforms.views;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.ViewAugmenter;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.progress.ImageProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DrawViewsTest {
  @TempDir private Path temporary;

  @Test
  void drawsTheSameSheetHoweverTheImagesAreChunked() throws IOException {
    TestImages.writeFolder(temporary.resolve("images"), 30);
    byte[] first = draw(7, 4, 4, 1);
    assertThat(draw(30, 4, 4, 1)).isEqualTo(first);
    assertThat(draw(7, 4, 4, 2)).isNotEqualTo(first);
  }

  /** Of 16 pixels, drawn nine times as large. */
  @Test
  void showsTheVeryViewsOfTraining() throws Exception {
    TestImages.writeFolder(temporary.resolve("images"), 1);
    RgbImage sheet = new ImageDecoder(ExifOrientation.IGNORE).decode(draw(1, 1, 1, 5));
    RgbImage image = new ImageDecoder(ExifOrientation.IGNORE).decode(TestImages.png(0));
    AugmentSettings settings = AugmentSettings.simclr(16);
    for (int view = 0; view < 2; view++) {
      byte[] expected = new byte[settings.viewBytes()];
      new ViewAugmenter(settings).augment(image, RandomStreams.of(5), 0, 0, view, expected, 0);
      for (int y = 0; y < 16; y++) {
        for (int x = 0; x < 16; x++) {
          int left = 16 + 144 + 24 + view * (144 + 8);
          int at = ((16 + 20 + 8 + 9 * y + 4) * sheet.width() + left + 9 * x + 4) * 3;
          int from = 3 * (16 * y + x);
          assertThat(Arrays.copyOfRange(sheet.pixels(), at, at + 3))
              .as("pixel %d, %d of view %d", x, y, view)
              .isEqualTo(Arrays.copyOfRange(expected, from, from + 3));
        }
      }
    }
  }

  /** The test takes part in the jobs, so that their counts stay. */
  @Test
  void countsWhatIsFoundAndWhatIsDrawn() throws IOException {
    ImageProgress.workAlone();
    TestImages.writeFolder(temporary.resolve("images"), 30);
    Files.writeString(temporary.resolve("images/notes.png"), "no image");
    String file = temporary + "/sheet.png";
    ImageProgress found = ImageProgress.enter("list " + file, "found");
    ImageProgress drawn = ImageProgress.enter(file, "drawn");
    draw(7, 12, 12, 1);
    assertThat(found.images()).isEqualTo(31);
    assertThat(drawn.images()).isEqualTo(12);
    assertThat(ImageProgress.expected(file)).isEqualTo(12);
    found.leave();
    drawn.leave();
  }

  @Test
  void rejectsWhatIsNoImage() throws IOException {
    TestImages.writeFolder(temporary.resolve("images"), 2);
    Files.writeString(temporary.resolve("images/notes.png"), "no image");
    draw(7, 8, 2, 1, "notes.png");
  }

  private byte[] draw(int chunkSize, int images, int drawn, long seed, String... rejects)
      throws IOException {
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple sheet =
        pipeline
            .apply(
                ListImages.in(List.of(temporary.resolve("images").toString()))
                    .withChunkSize(chunkSize))
            .get(ListImages.CHUNKS)
            .apply(
                DrawViews.of(
                    AugmentSettings.simclr(16), seed, images, 1, temporary + "/", "sheet.png"));
    PAssert.that(sheet.get(DrawViews.ROWS)).containsInAnyOrder(drawn);
    PAssert.that(
            sheet
                .get(DrawViews.REJECTS)
                .apply(
                    MapElements.into(TypeDescriptors.strings())
                        .via(reject -> reject.get("id").toString())))
        .containsInAnyOrder(rejects);
    pipeline.run().waitUntilFinish();
    return Files.readAllBytes(temporary.resolve("sheet.png"));
  }
}
