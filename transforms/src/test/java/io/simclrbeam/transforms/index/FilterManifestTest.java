package io.simclrbeam.transforms.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilterManifestTest {
  @TempDir private Path temporary;

  private void index() throws IOException {
    TestImages.writeFolder(temporary.resolve("images"), 4);
    Pipeline index = DirectPipeline.checked();
    index.apply(IndexImages.of(List.of(temporary.resolve("images").toString()), path("from")));
    index.run().waitUntilFinish();
  }

  private String path(String name) {
    return temporary.resolve(name).toString();
  }

  private static PCollectionTuple images(
      Pipeline pipeline, List<KV<String, String>> known, List<KV<String, String>> dropped) {
    Coder<KV<String, String>> coder = KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of());
    return PCollectionTuple.of(
            FilterManifest.KNOWN, pipeline.apply("Known", Create.of(known).withCoder(coder)))
        .and(
            FilterManifest.DROPPED, pipeline.apply("Dropped", Create.of(dropped).withCoder(coder)));
  }

  @Test
  void dropsAnImageUnlessItsBytesAreOthersByNow() throws IOException {
    index();
    KV<String, String> first = KV.of("class-0/image-000.png", Sha256.of(TestImages.png(0)));
    KV<String, String> changed = KV.of("class-1/image-001.png", Sha256.of(TestImages.png(2)));
    KV<String, String> kept = KV.of("class-2/image-002.png", Sha256.of(TestImages.png(2)));
    KV<String, String> gone = KV.of("gone.png", Sha256.of(TestImages.png(0)));

    String to = path("to");
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple filtered =
        images(pipeline, List.of(first, changed, kept, gone), List.of(first, changed, gone))
            .apply(FilterManifest.of(path("from"), to));
    PAssert.that(filtered.get(FilterManifest.LEFT)).containsInAnyOrder(3L);
    PAssert.that(filtered.get(FilterManifest.READ)).containsInAnyOrder(4L);
    PAssert.that(filtered.get(FilterManifest.MATCHED)).containsInAnyOrder(2L);
    pipeline.run().waitUntilFinish();

    Manifest manifest = Manifest.read(new BeamFileStore(to));
    assertThat(manifest.images().stream().map(ImageRef::id))
        .containsExactly("class-0/image-003.png", "class-1/image-001.png", "class-2/image-002.png");
    assertThat(manifest.inputs()).containsExactly(path("images"));
  }

  @Test
  void aManifestOfOtherImagesIsNotWritten() throws IOException {
    index();
    KV<String, String> changed = KV.of("class-1/image-001.png", Sha256.of(TestImages.png(2)));
    KV<String, String> moved = KV.of("image-000.png", Sha256.of(TestImages.png(0)));
    Pipeline pipeline = DirectPipeline.checked();
    images(pipeline, List.of(changed, moved), List.of(moved))
        .apply(FilterManifest.of(path("from"), path("to")));

    assertThatThrownBy(() -> pipeline.run().waitUntilFinish())
        .hasRootCauseInstanceOf(ForeignManifestException.class)
        .hasMessageContaining("none of the images in the manifest of " + path("from"));
    assertThat(temporary.resolve("to/manifest.avro")).doesNotExist();
  }
}
