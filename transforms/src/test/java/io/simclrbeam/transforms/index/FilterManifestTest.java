package io.simclrbeam.transforms.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.KV;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilterManifestTest {
  @TempDir private Path temporary;

  @Test
  void dropsAnImageUnlessItsBytesAreOthersByNow() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 4);
    String from = temporary.resolve("from").toString();
    Pipeline index = Pipeline.create();
    index.apply(IndexImages.of(List.of(images.toString()), from));
    index.run().waitUntilFinish();

    String to = temporary.resolve("to").toString();
    Pipeline pipeline = Pipeline.create();
    PAssert.that(
            pipeline
                .apply(
                    Create.of(
                        KV.of("class-0/image-000.png", Sha256.of(TestImages.png(0))),
                        KV.of("class-1/image-001.png", Sha256.of(TestImages.png(2)))))
                .apply(FilterManifest.of(from, to)))
        .containsInAnyOrder(3L);
    pipeline.run().waitUntilFinish();

    Manifest manifest = Manifest.read(new BeamFileStore(to));
    assertThat(manifest.images().stream().map(ImageRef::id))
        .containsExactly("class-0/image-003.png", "class-1/image-001.png", "class-2/image-002.png");
    assertThat(manifest.inputs()).containsExactly(images.toString());
  }
}
