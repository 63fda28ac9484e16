package io.simclrbeam.transforms.views;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ListImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  @Test
  void rejectsWhatIsNoImage() throws IOException {
    TestImages.writeFolder(temporary.resolve("images"), 2);
    Files.writeString(temporary.resolve("images/notes.png"), "no image");
    draw(7, 8, 2, 1, "notes.png");
  }

  private byte[] draw(int chunkSize, int images, int drawn, long seed, String... rejects)
      throws IOException {
    Pipeline pipeline = Pipeline.create();
    PCollectionTuple sheet =
        pipeline
            .apply(
                ListImages.in(List.of(temporary.resolve("images").toString()))
                    .withChunkSize(chunkSize))
            .get(ListImages.CHUNKS)
            .apply(
                DrawViews.of(
                    AugmentSettings.simclr(16),
                    seed,
                    images,
                    1,
                    temporary.toString(),
                    "sheet.png"));
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
