package io.simclrbeam.transforms.hex;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.images.ShardFormats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A format from outside is listed and read as those that come with the program. */
final class HexFormatTest {
  private static final int IMAGES = 8;

  @TempDir private Path folder;

  @Test
  void isFoundByItsSuffixAndReadInAnyOrder() throws IOException {
    Path images = folder.resolve("images");
    TestImages.writeFolder(images, IMAGES);
    List<Path> files;
    try (var all = Files.walk(images)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    Path hex = HexFormat.write(folder.resolve("a.hex"), files);
    List<String> expected = new ArrayList<>();
    for (Path file : files) {
      expected.add("a.hex/%08d %d".formatted(expected.size(), Files.size(file)));
    }
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple listed = pipeline.apply(ListImages.in(List.of(hex.toString())));
    PAssert.that(listed.get(ListImages.CHUNKS)).satisfies(chunks -> check(chunks, expected));
    PAssert.that(listed.get(ListImages.REJECTS)).empty();
    pipeline.run().waitUntilFinish();
  }

  private static Void check(Iterable<ImageChunk> chunks, List<String> expected) {
    List<ImageRef> images = new ArrayList<>();
    chunks.forEach(chunk -> images.addAll(chunk.images()));
    assertThat(images).extracting(ImageRef::label).contains("class-0", "class-1", "class-2");
    for (int seed = 0; seed < 3; seed++) {
      List<String> read = new ArrayList<>();
      try (ImageReader reader = ImageReader.of(images)) {
        for (ImageRef image : images) {
          read.add("%s %d".formatted(image.id(), reader.next().length));
        }
      } catch (RejectedImageException e) {
        throw new AssertionError(e);
      }
      assertThat(read).containsExactlyInAnyOrderElementsOf(expected);
      Collections.shuffle(images, new Random(seed));
    }
    return null;
  }

  @Test
  void itsRejectsAndItsDamageAreKept() throws IOException {
    Path hex = Files.writeString(folder.resolve("a.hex"), "cat 00ff - 01\ndog 0\n");
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple listed = pipeline.apply(ListImages.in(List.of(hex.toString())));
    PAssert.that(listed.get(ListImages.CHUNKS))
        .satisfies(
            chunks -> {
              assertThat(chunks.iterator().next().images())
                  .extracting(ImageRef::id)
                  .containsExactly("a.hex/00000000", "a.hex/00000002");
              return null;
            });
    PAssert.that(listed.get(ListImages.REJECTS))
        .satisfies(
            rejects -> {
              assertThat(rejects)
                  .extracting(HexFormatTest::describe)
                  .containsExactlyInAnyOrder(
                      "a.hex/00000001 empty: a dash",
                      "a.hex unreadable: the rest of the shard is unreadable: half a byte in the"
                          + " line at 14");
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  private static String describe(GenericRecord reject) {
    return "%s %s: %s".formatted(reject.get("id"), reject.get("reason"), reject.get("detail"));
  }

  @Test
  void itsSuffixIsInTheMessagesThatListThem() {
    assertThat(ShardFormats.suffixes())
        .containsExactly(".avro", ".hex", ".parquet", ".tar", ".tfrec", ".tfrecord");
  }
}
