package io.simclrbeam.transforms.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.storage.TfRecords;
import io.simclrbeam.transforms.TestImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShardFormatTest {
  private static final int IMAGES = 50;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "a.tar, TarFormat",
    "gs://b/x.avro, AvroFormat",
    "a.tfrecord, TfRecordFormat",
    "a.tfrecords, TfRecordFormat",
    "train.tfrecord-00003-of-00010, TfRecordFormat"
  })
  void isKnownByTheName(String uri, String format) {
    assertThat(ShardFormats.of(uri).orElseThrow().getClass().getSimpleName()).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource({"a.png", "tar", "a.tar.png", "tfrecord-00003-of-00010"})
  void whatMayBeAnImageIsNoShard(String uri) {
    assertThat(ShardFormats.of(uri)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"null", "deflate", "snappy"})
  void readsRecordsOfAvroBlocksInAnyOrder(String codec) throws Exception {
    Path avro = folder.resolve("a.avro");
    TestImages.writeAvro(avro, IMAGES, CodecFactory.fromString(codec));
    List<ImageRef> images = ListImagesTest.scan(avro, RecordFields.AUTO);
    assertThat(images.stream().map(ImageRef::offset).distinct().count()).isGreaterThan(3);
    assertThat(images.stream().map(ImageRef::offset).distinct().count()).isLessThan(IMAGES);
    assertReadsInAnyOrder(images, "a.avro");
  }

  @Test
  void readsExamplesOfTfRecordsInAnyOrder() throws Exception {
    Path file = folder.resolve("a.tfrecord");
    TestImages.writeTfRecord(file, IMAGES);
    assertReadsInAnyOrder(ListImagesTest.scan(file, RecordFields.AUTO), "a.tfrecord");
  }

  @Test
  void reportsDamageOfATfRecord() throws IOException {
    Path file = folder.resolve("a.tfrecord");
    TestImages.writeTfRecord(file, 5);
    byte[] good = Files.readAllBytes(file);
    for (int at : new int[] {3, 40, good.length - 1}) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(file, bad);
      assertThatThrownBy(() -> ListImagesTest.scan(file, RecordFields.AUTO))
          .as("byte %d", at)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("checksum");
    }
    Files.write(file, Arrays.copyOf(good, good.length - 5));
    assertThatThrownBy(() -> ListImagesTest.scan(file, RecordFields.AUTO))
        .isInstanceOf(IOException.class);
  }

  /** The length has its right checksum, so only the size of the file gives the lie away. */
  @Test
  void aTfRecordThatClaimsMoreThanThereIsTakesNoMemory() throws IOException {
    Path file = folder.resolve("a.tfrecord");
    for (long length : new long[] {Integer.MAX_VALUE - 8, Long.MAX_VALUE, -1, 1000}) {
      ByteBuffer header = ByteBuffer.allocate(500).order(ByteOrder.LITTLE_ENDIAN);
      header.putLong(length);
      header.putInt(TfRecords.checksum(header.array(), Long.BYTES));
      Files.write(file, header.array());
      assertThatThrownBy(() -> ListImagesTest.scan(file, RecordFields.AUTO))
          .isInstanceOf(IOException.class)
          .hasMessage("record 0 at byte 0 claims %d bytes".formatted(length));
    }
  }

  /** Whatever a byte is turned into, a scan ends well or with the exception that is allowed. */
  @Test
  void reportsDamageOfAnAvroFile() throws IOException {
    Path avro = folder.resolve("a.avro");
    TestImages.writeAvro(avro, 8, CodecFactory.nullCodec());
    byte[] good = Files.readAllBytes(avro);
    int damaged = 0;
    for (int at = 0; at < good.length; at += 23) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) 0xff;
      Files.write(avro, bad);
      try {
        ListImagesTest.scan(avro, RecordFields.AUTO);
      } catch (IOException e) {
        damaged++;
      }
    }
    assertThat(damaged).isGreaterThan(5);
    for (int length : new int[] {0, 3, 100, good.length / 2, good.length - 1}) {
      Files.write(avro, Arrays.copyOf(good, length));
      assertThat(catchThrowable(() -> ListImagesTest.scan(avro, RecordFields.AUTO)))
          .as("%d bytes", length)
          .isInstanceOf(IOException.class);
    }
    Files.writeString(
        avro,
        new String(good, ISO_8859_1).replace("avro.codec\u0008null", "avro.codec\u0008nope"),
        ISO_8859_1);
    assertThatThrownBy(() -> ListImagesTest.scan(avro, RecordFields.AUTO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nope");
  }

  @Test
  void anAvroFileWithoutBytesIsSaidToHaveNone() throws IOException {
    Path avro = folder.resolve("a.avro");
    Schema schema = SchemaBuilder.record("Row").fields().requiredString("label").endRecord();
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.create(schema, avro.toFile());
    }
    assertThatThrownBy(() -> ListImagesTest.scan(avro, RecordFields.AUTO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("of its fields, [] are bytes, not one");
  }

  @Test
  void namesTheFieldsThatAnAvroFileHas() throws IOException {
    Path avro = folder.resolve("a.avro");
    TestImages.writeAvro(avro, 3, CodecFactory.nullCodec());
    assertThat(ListImagesTest.scan(avro, new RecordFields("image", "number")))
        .extracting(ImageRef::label)
        .containsExactly("0", "1", "2");
    assertThatThrownBy(() -> ListImagesTest.scan(avro, new RecordFields("jpeg", null)))
        .hasMessage("its fields of bytes are [image], but the image is said to be in field jpeg");
    assertThatThrownBy(() -> ListImagesTest.scan(avro, new RecordFields(null, "kind")))
        .hasMessage("it has no field kind, in which the label is said to be");
  }

  @Test
  void companionsInATarGiveTheLabel() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("x/0001.png", TestImages.png(1));
    files.put("x/0001.cls", "7\n".getBytes(UTF_8));
    files.put("x/0002.json", "{\"label\": \"cat\", \"size\": 3}".getBytes(UTF_8));
    files.put("x/0002.png", TestImages.png(2));
    files.put("x/0002.txt", "a cat".getBytes(UTF_8));
    files.put("x/0003.txt", " a dog ".getBytes(UTF_8));
    files.put("x/0003.left.png", TestImages.png(3));
    files.put("x/0003.right.png", TestImages.png(4));
    files.put("x/0004.png", TestImages.png(5));
    files.put("x/0004.json", "{broken".getBytes(UTF_8));
    files.put("x/README.txt", "no image".getBytes(UTF_8));
    Path tar = folder.resolve("a.tar");
    TestImages.writeTar(tar, files);
    assertThat(ListImagesTest.scan(tar, RecordFields.AUTO))
        .extracting(image -> image.id() + " " + image.label())
        .containsExactly(
            "a.tar/x/0001.png 7",
            "a.tar/x/0002.png cat",
            "a.tar/x/0003.left.png a dog",
            "a.tar/x/0003.right.png a dog",
            "a.tar/x/0004.png x",
            "a.tar/x/README.txt x");
  }

  private static void assertReadsInAnyOrder(List<ImageRef> images, String shard) throws Exception {
    Map<String, Integer> numbers = new HashMap<>();
    for (int number = 0; number < IMAGES; number++) {
      numbers.put(Sha256.of(TestImages.png(number)), number);
    }
    List<ImageRef> shuffled = new ArrayList<>(images);
    Collections.shuffle(shuffled, new Random(1));
    try (ImageReader reader = ImageReader.of(shuffled)) {
      for (ImageRef image : shuffled) {
        byte[] bytes = reader.next();
        Integer number = numbers.remove(Sha256.of(bytes));
        assertThat(number).as(image.id()).isNotNull();
        assertThat(image.label()).isEqualTo("class-" + number % 3);
        assertThat(image.length()).isEqualTo(bytes.length);
      }
    }
    List<ImageRef> backwards = new ArrayList<>(images);
    Collections.reverse(backwards);
    try (ImageReader reader = ImageReader.of(backwards)) {
      for (ImageRef image : backwards) {
        assertThat(reader.next()).hasSize((int) image.length());
      }
    }
    assertThat(numbers).isEmpty();
    for (int i = 0; i < images.size(); i++) {
      assertThat(images.get(i).id()).isEqualTo("%s/%08d".formatted(shard, i));
    }
  }
}
