package io.simclrbeam.transforms.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.NamedImages.Name;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NamedImagesTest {
  @TempDir private Path folder;

  /** Lists images as every job does, and finds each again by its id and file alone. */
  private static final class FindAgainFn extends DoFn<ImageChunk, String> {
    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<String> out) {
      List<Name> names = new ArrayList<>();
      chunk.images().forEach(image -> names.add(new Name(image.id(), image.uri())));
      Map<Name, ImageRef> found = NamedImages.find(names);
      for (ImageRef image : chunk.images()) {
        ImageRef again = found.get(new Name(image.id(), image.uri()));
        boolean same =
            again != null && again.offset() == image.offset() && again.length() == image.length();
        out.output((same ? "found " : "lost ") + image.id());
      }
    }
  }

  @Test
  void findsFilesAndImagesOfShards() throws IOException {
    TestImages.writeFolder(folder.resolve("in/photos"), 2);
    Files.createDirectories(folder.resolve("in/deep"));
    TestImages.writeTar(
        folder.resolve("in/deep/a.tar"),
        Map.of(
            "x.png", TestImages.png(1),
            "b/x.png", TestImages.png(2),
            "a.tar/b/x.png", TestImages.png(3)));
    Files.copy(folder.resolve("in/deep/a.tar"), folder.resolve("in/no ending"));
    Pipeline pipeline = DirectPipeline.checked();
    PCollection<String> again =
        pipeline
            .apply(ListImages.in(List.of(folder.resolve("in").toString())))
            .get(ListImages.CHUNKS)
            .apply(ParDo.of(new FindAgainFn()));
    PAssert.that(again)
        .containsInAnyOrder(
            "found photos/class-0/image-000.png",
            "found photos/class-1/image-001.png",
            "found deep/a.tar/x.png",
            "found deep/a.tar/b/x.png",
            "found deep/a.tar/a.tar/b/x.png",
            "found no ending/x.png",
            "found no ending/b/x.png",
            "found no ending/a.tar/b/x.png");
    pipeline.run().waitUntilFinish();
  }

  @Test
  void whatIsGoneOrDamagedIsNotFound() throws IOException {
    Path damaged = Files.writeString(folder.resolve("damaged.tar"), "no tar".repeat(200));
    TestImages.writeTar(folder.resolve("good.tar"), 1);
    Path image = Files.write(folder.resolve("0.png"), TestImages.png(0));
    Name there = new Name("0.png", image.toString());

    Map<Name, ImageRef> found =
        NamedImages.find(
            List.of(
                new Name("gone.png", folder.resolve("gone.png").toString()),
                new Name("damaged.tar/a.png", damaged.toString()),
                new Name("good.tar/other.png", folder.resolve("good.tar").toString()),
                there));

    assertThat(found).containsOnlyKeys(there);
  }
}
