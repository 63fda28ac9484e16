package io.simclrbeam.transforms.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IndexImagesTest {
  @TempDir private Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"plain", "two\nlines", "back\\slash\\n", "%20[1]"})
  void theManifestHasItsInputsWhateverTheyAreCalled(String name) throws IOException {
    Path input = Files.createDirectory(temporary.resolve(name));
    Files.write(input.resolve("a.png"), TestImages.png(1));
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(
        IndexImages.of(List.of(input.toString(), input + "/*.png"), temporary + "/manifest"));
    pipeline.run().waitUntilFinish();
    Manifest manifest = Manifest.read(new BeamFileStore(temporary + "/manifest"));
    assertThat(manifest.inputs()).containsExactly(input.toString(), input + "/*.png");
    assertThat(manifest.images()).extracting(ImageRef::id).containsExactly("a.png");
  }

  @Test
  void indexesTheUsableAndRejectsTheRestWithReasons() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 7);
    byte[] good = TestImages.png(50);
    Files.write(images.resolve("empty.png"), new byte[0]);
    Files.write(images.resolve("cut.png"), Arrays.copyOf(good, good.length * 2 / 3));
    Files.write(images.resolve("page.jpg"), "<html>404</html>".getBytes(UTF_8));
    Files.write(images.resolve("misnamed.jpg"), good);

    FileStore store = index(images.toString(), "out");
    Manifest manifest = Manifest.read(store);
    assertThat(manifest.images().stream().map(ImageRef::id))
        .containsExactly(
            "class-0/image-000.png",
            "class-0/image-003.png",
            "class-0/image-006.png",
            "class-1/image-001.png",
            "class-1/image-004.png",
            "class-2/image-002.png",
            "class-2/image-005.png",
            "misnamed.jpg");
    assertThat(manifest.inputs()).containsExactly(images.toString());
    assertThat(RejectSummary.read(store, IndexImages.JOB).describe())
        .isEqualTo("3 rejected (1 empty, 1 not_an_image, 1 truncated)");
  }

  @Test
  void theSameImagesGiveTheSameManifestEveryTime() throws IOException {
    Path tar = temporary.resolve("a.tar");
    TestImages.writeTar(tar, 300);
    Manifest first = Manifest.read(index(tar.toString(), "first"));
    Manifest second = Manifest.read(index(tar.toString(), "second"));
    assertThat(first.images()).hasSize(300);
    assertThat(second.sha256()).isEqualTo(first.sha256());
    assertThat(temporary.resolve("first/manifest-parts")).doesNotExist();
  }

  @Test
  void listsImagesOfTheSameBytes() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 4);
    assertThat(index(images.toString(), "none").exists(IndexImages.DUPLICATES)).isFalse();
    Files.write(images.resolve("again.png"), TestImages.png(2));
    FileStore store = index(images.toString(), "out");
    assertThat(Manifest.count(store)).isEqualTo(5);
    try (DataFileStream<GenericRecord> groups =
        new DataFileStream<>(store.open(IndexImages.DUPLICATES), new GenericDatumReader<>())) {
      assertThat(groups.next().get("ids")).hasToString("[again.png, class-2/image-002.png]");
      assertThat(groups.hasNext()).isFalse();
    }
  }

  @Test
  void anImageThatHasChangedSinceIsRejected() throws Exception {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 3);
    Manifest manifest = Manifest.read(index(images.toString(), "out"));
    byte[] changed = TestImages.png(1);
    changed[changed.length - 1] ^= 1;
    Files.write(images.resolve("class-1/image-001.png"), changed);
    try (ImageReader reader = ImageReader.of(manifest.images())) {
      assertThat(reader.next()).isEqualTo(TestImages.png(0));
      assertThatThrownBy(reader::next)
          .isInstanceOfSatisfying(
              RejectedImageException.class,
              e -> assertThat(e.reason()).isEqualTo(RejectReason.CHANGED));
    }
  }

  @Test
  void theManifestIsAsGoodAsTheImagesItself() throws Exception {
    Path avro = temporary.resolve("a.avro");
    TestImages.writeAvro(avro, 20, CodecFactory.deflateCodec(1));
    FileStore store = index(avro.toString(), "out");
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(pipeline.apply(ReadManifest.in(store.location(), 8)).get(ListImages.CHUNKS))
        .satisfies(
            chunks -> {
              List<Integer> sizes = new ArrayList<>();
              for (ImageChunk chunk : chunks) {
                sizes.add(chunk.images().size());
                try (ImageReader reader = ImageReader.of(chunk.images())) {
                  for (ImageRef image : chunk.images()) {
                    assertThat(Sha256.of(reader.next())).isEqualTo(image.contentSha256());
                  }
                } catch (RejectedImageException e) {
                  throw new AssertionError(e);
                }
              }
              assertThat(sizes).containsExactlyInAnyOrder(8, 8, 4);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void withoutUsableImagesThereIsNoManifest() throws IOException {
    FileStore store = index(temporary.resolve("nothing").toString(), "out");
    assertThat(store.exists(Manifest.FILE)).isFalse();
    assertThat(RejectSummary.read(store, IndexImages.JOB).total()).isEqualTo(1);
  }

  private FileStore index(String input, String name) {
    String out = temporary.resolve(name).toString();
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(IndexImages.of(List.of(input), out));
    pipeline.run().waitUntilFinish();
    return new BeamFileStore(out);
  }

  /** From all kinds of sources, into tar files that any program reads. */
  @Test
  void packedImagesAreTheSameInAnotherPlace() throws Exception {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 30);
    Files.copy(
        images.resolve("class-0/image-000.png"),
        images.resolve("a \u00fc " + "long".repeat(40) + ".png"));
    TestImages.writeAvro(images.resolve("b.avro"), 20, CodecFactory.deflateCodec(1));
    TestImages.writeTar(images.resolve("c.tar"), 20);
    Files.write(images.resolve("empty.png"), new byte[0]);
    Manifest plain = Manifest.read(index(images.toString(), "plain"));
    Manifest packed = pack(images, "packed");
    assertThat(packed.images().stream().map(IndexImagesTest::withoutPlace).toList())
        .isEqualTo(plain.images().stream().map(IndexImagesTest::withoutPlace).toList());
    assertThat(packed.images().stream().map(ImageRef::uri).distinct())
        .as("several shards")
        .hasSizeGreaterThan(2);
    Map<String, String> entries = new TreeMap<>();
    try (ImageReader reader = ImageReader.of(packed.images())) {
      for (ImageRef image : packed.images()) {
        entries.put(image.id(), Sha256.of(reader.next()));
      }
    }
    Map<String, String> unpacked = new TreeMap<>();
    for (String shard : packed.images().stream().map(ImageRef::uri).distinct().toList()) {
      try (TarArchiveInputStream tar =
          new TarArchiveInputStream(Files.newInputStream(Path.of(shard)), "UTF-8")) {
        for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
          unpacked.put(e.getName(), Sha256.of(tar.readAllBytes()));
        }
      }
    }
    assertThat(unpacked).isEqualTo(entries).hasSize(71);
    assertThat(
            RejectSummary.read(
                    new BeamFileStore(temporary.resolve("packed").toString()), IndexImages.JOB)
                .total())
        .isEqualTo(1);
    byte[] bytes = Files.readAllBytes(Path.of(packed.images().get(0).uri()));
    assertThat(pack(images, "packed").sha256()).as("each time").isEqualTo(packed.sha256());
    assertThat(Path.of(packed.images().get(0).uri())).hasBinaryContent(bytes);
  }

  private static List<Object> withoutPlace(ImageRef image) {
    return Arrays.asList(image.id(), image.length(), image.label(), image.contentSha256());
  }

  private Manifest pack(Path input, String name) throws IOException {
    String out = temporary.resolve(name).toString();
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(
        IndexImages.of(List.of(input.toString()), out).packedInto(out + "/shards", 4000));
    pipeline.run().waitUntilFinish();
    return Manifest.read(new BeamFileStore(out));
  }
}
