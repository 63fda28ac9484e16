package io.simclrbeam.transforms.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.storage.TfRecords;
import io.simclrbeam.transforms.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.example.BytesList;
import org.tensorflow.example.Example;
import org.tensorflow.example.Feature;
import org.tensorflow.example.Features;
import org.tensorflow.example.FloatList;
import org.tensorflow.example.Int64List;

final class ShardFormatTest {
  private static final int IMAGES = 50;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "a.tar, TarFormat",
    "gs://b/x.avro, AvroFormat",
    "a.tfrecord, TfRecordFormat",
    "a.tfrecords, TfRecordFormat",
    "train.tfrecord-00003-of-00010, TfRecordFormat",
    "a.TAR, TarFormat",
    "a.Avro, AvroFormat",
    "train00-2071.tfrec, TfRecordFormat",
    "A.TFRECORD, TfRecordFormat",
    "a.TFRecords-00003-of-00010, TfRecordFormat",
    "a.TFRECORD.GZ, CompressedFormat",
    "a.tfrec.gz, CompressedFormat"
  })
  void isKnownByTheName(String uri, String format) {
    assertThat(ShardFormats.of(uri).orElseThrow().getClass().getSimpleName()).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource({
    "a.png",
    "tar",
    "a.tar.png",
    "tfrecord-00003-of-00010",
    "a.tfrecord-3",
    "a.tfreco",
    "a.tfrecs"
  })
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

  /** Newer versions of protobuf warn of generated classes such as TensorFlow's. */
  @Test
  void readingTfRecordsPrintsNothing() throws Exception {
    Path file = folder.resolve("a.tfrecord");
    TestImages.writeTfRecord(file, IMAGES);
    ForkedJvm jvm = ForkedJvm.run(Scanner.class, Map.of("FILE", file.toString()));
    assertThat(
            jvm.output().lines().filter(line -> !line.startsWith("SLF4J(W): "))) // no logger here
        .containsExactly(IMAGES + " images");
  }

  /** Reads in a JVM of its own. */
  static final class Scanner {
    private Scanner() {}

    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(System.getenv("FILE"));
      System.out.print(ListImagesTest.scan(file, RecordFields.AUTO).size() + " images");
    }
  }

  /** As TensorFlow and Kaggle name them, or with any name. */
  @Test
  void aTfRecordIsKnownByItsFirstChecksum() throws Exception {
    Path file = folder.resolve("a.tfrecord");
    TestImages.writeTfRecord(file, IMAGES);
    byte[] first = Arrays.copyOf(Files.readAllBytes(file), ShardFormat.FIRST_BYTES);
    Path other = Files.move(file, folder.resolve("train-00000-of-00002"));
    assertThat(ShardFormats.of(other.toString())).isEmpty();
    assertReadsInAnyOrder(ListImagesTest.scan(other, RecordFields.AUTO), "train-00000-of-00002");
    for (int at = 0; at < 12; at++) {
      byte[] bad = first.clone();
      bad[at]++;
      assertThat(ShardFormats.beginning(bad)).as("byte %d", at).isEmpty();
    }
    assertThat(ShardFormats.beginning(Arrays.copyOf(first, 11))).isEmpty();
    assertThat(ShardFormats.beginning(new byte[0])).isEmpty();
  }

  /** What it finds is what the generated classes find. */
  @Test
  void readsFeaturesAsTensorFlowWritesThem() throws Exception {
    Feature numbers =
        Feature.newBuilder().setInt64List(Int64List.newBuilder().addValue(-7)).build();
    Feature floats = Feature.newBuilder().setFloatList(FloatList.newBuilder().addValue(1)).build();
    Example example =
        Example.newBuilder()
            .setFeatures(
                Features.newBuilder()
                    .putFeature("number", numbers)
                    .putFeature("float", floats)
                    .putFeature("text", bytes("größer"))
                    .putFeature("two", bytes("a", "b"))
                    .putFeature("nothing", bytes())
                    .putFeature("none", Feature.getDefaultInstance())
                    .putFeature("image", bytes("PNG")))
            .build();
    byte[] record = example.toByteArray();
    TfExample read = TfExample.parse(record);
    assertThat(read.features().keySet()).isEqualTo(example.getFeatures().getFeatureMap().keySet());
    assertThat(read.text("number")).isEqualTo("-7");
    assertThat(read.text("text")).isEqualTo("größer");
    for (String none : List.of("float", "two", "nothing", "none", "missing")) {
      assertThat(read.text(none)).as(none).isNull();
    }
    TfExample.Feature image = read.features().get("image");
    assertThat(image.isBytes()).isTrue();
    assertThat(new String(record, image.offset(), image.length(), UTF_8)).isEqualTo("PNG");
    // A whole number may also be written without being packed with others.
    byte[] unpacked = {10, 15, 10, 13, 10, 3, 'k', 'e', 'y', 18, 6, 26, 4, 8, 5, 8, 6};
    assertThat(TfExample.parse(unpacked).features().get("key").values()).isEqualTo(2);
    assertThat(Example.parseFrom(unpacked).getFeatures().getFeatureMap().get("key"))
        .isEqualTo(
            Feature.newBuilder()
                .setInt64List(Int64List.newBuilder().addValue(5).addValue(6))
                .build());
  }

  /**
   * Whatever its bytes are, a record is an example just if the generated classes take it for one.
   */
  @Test
  void takesNoDamagedRecordForAnExample() throws Exception {
    byte[] good =
        Example.newBuilder()
            .setFeatures(
                Features.newBuilder()
                    .putFeature("image/encoded", bytes("PNG"))
                    .putFeature(
                        "image/class/label",
                        Feature.newBuilder()
                            .setInt64List(Int64List.newBuilder().addValue(300).addValue(2))
                            .build()))
            .build()
            .toByteArray();
    int damaged = 0;
    for (int at = 0; at < good.length; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] bad = good.clone();
        bad[at] = (byte) value;
        @Nullable Example expected = null;
        try {
          expected = Example.parseFrom(bad);
        } catch (InvalidProtocolBufferException e) {
          damaged++;
        }
        if (expected != null) {
          TfExample read = TfExample.parse(bad);
          assertThat(read.features().keySet())
              .isEqualTo(expected.getFeatures().getFeatureMap().keySet());
        } else {
          assertThat(catchThrowable(() -> TfExample.parse(bad)))
              .satisfiesAnyOf(
                  thrown -> assertThat(thrown).isInstanceOf(IOException.class),
                  thrown -> assertThat(thrown).isNull()); // floats are not looked at
        }
      }
    }
    assertThat(damaged).isGreaterThan(1000);
  }

  private static Feature bytes(String... values) {
    BytesList.Builder list = BytesList.newBuilder();
    for (String value : values) {
      list.addValue(ByteString.copyFromUtf8(value));
    }
    return Feature.newBuilder().setBytesList(list).build();
  }

  @Test
  void namesTheFeaturesThatATfRecordHas() throws Exception {
    Path file = folder.resolve("a.tfrecord");
    TestImages.writeTfRecord(file, 3);
    assertThat(ListImagesTest.scan(file, new RecordFields("jpeg;image/encoded", null))).hasSize(3);
    assertThatThrownBy(() -> ListImagesTest.scan(file, new RecordFields("jpeg;png", null)))
        .hasMessage(
            "a.tfrecord/00000000 NOT_AN_IMAGE the record has no feature jpeg or png of one string of"
                + " bytes; its features are [image/class/label, image/encoded, image/format]");
  }

  @ParameterizedTest
  @CsvSource({"a.tar", "a.tfrecord", "a.avro", "train-00000-of-00002"})
  void gzipInsideIsSaid(String name) throws IOException {
    Path file = folder.resolve(name);
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(new byte[10_000]);
    }
    assertThatThrownBy(() -> ListImagesTest.scan(file, RecordFields.AUTO))
        .hasMessageStartingWith(name + " UNSUPPORTED_FORMAT a compressed file (gzip)")
        .hasMessageContaining("unpack it");
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

  private static final String IMAGE_SCHEMA =
      """
      {"type": "record", "name": "Row", "fields": [
        {"name": "label", "type": ["null", "string"]},
        {"name": "plain", "type": %s}
      ]}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'bytes' | plain",
        "['null', 'bytes'] | plain",
        "['bytes', 'string'] | plain",
        "{'type':'fixed','name':'F','size':5} | plain",
        "['null', {'type':'fixed','name':'F','size':5}] | plain",
        "['null', {'type':'record','name':'I','fields':[{'name':'path','type':'string','default':''},"
            + "{'name':'bytes','type':['null','bytes']}]}] | plain.bytes",
      })
  void findsBytesInFieldsOfAnyKind(String type, String path) throws Exception {
    Schema schema = new Schema.Parser().parse(IMAGE_SCHEMA.formatted(type.replace('\'', '"')));
    Path avro = folder.resolve("a.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.setSyncInterval(32).create(schema, avro.toFile());
      for (int i = 0; i < 9; i++) {
        GenericRecord row = new GenericData.Record(schema);
        row.put("label", "label-" + i);
        row.put("plain", value(schema.getField("plain").schema(), "img-" + i));
        writer.append(row);
      }
    }
    for (RecordFields fields : List.of(RecordFields.AUTO, new RecordFields("none;" + path, null))) {
      List<ImageRef> images = ListImagesTest.scan(avro, fields);
      assertThat(images).hasSize(9);
      try (ImageReader reader = ImageReader.of(images)) {
        for (int i = 0; i < 9; i++) {
          assertThat(new String(reader.next(), UTF_8)).isEqualTo("img-" + i);
          assertThat(images.get(i).length()).isEqualTo(5);
          assertThat(images.get(i).label()).isEqualTo("label-" + i);
        }
      }
    }
  }

  private static Object value(Schema schema, String text) {
    return switch (schema.getType()) {
      case UNION -> value(schema.getTypes().get(schema.isNullable() ? 1 : 0), text);
      case FIXED -> new GenericData.Fixed(schema, text.getBytes(UTF_8));
      case RECORD -> {
        GenericRecord inner = new GenericData.Record(schema);
        inner.put("path", "p");
        inner.put("bytes", value(schema.getField("bytes").schema(), text));
        yield inner;
      }
      default -> ByteBuffer.wrap(text.getBytes(UTF_8));
    };
  }

  @Test
  void whatAUnionHoldsBesideBytesIsRejected() throws Exception {
    Schema schema = new Schema.Parser().parse(IMAGE_SCHEMA.formatted("[\"bytes\",\"string\"]"));
    Path avro = folder.resolve("a.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.create(schema, avro.toFile());
      GenericRecord row = new GenericData.Record(schema);
      row.put("plain", "a text");
      writer.append(row);
    }
    assertThatThrownBy(() -> ListImagesTest.scan(avro, RecordFields.AUTO))
        .hasMessage(
            "a.avro/00000000 NOT_AN_IMAGE field plain of the record holds no bytes but Utf8");
  }

  /** Writers that are flushed without a record leave such blocks, at any place. */
  @ParameterizedTest
  @CsvSource({"null, ''", "deflate, 0300"})
  void anEmptyBlockDoesNotEndAnAvroFile(String codec, String compressedNothing) throws Exception {
    Path avro = folder.resolve("a.avro");
    TestImages.writeAvro(avro, IMAGES, CodecFactory.fromString(codec));
    byte[] file = Files.readAllBytes(avro);
    byte[] nothing = HexFormat.of().parseHex(compressedNothing);
    ByteArrayOutputStream empty = new ByteArrayOutputStream();
    empty.write(0); // records
    empty.write(2 * nothing.length); // bytes, as Avro writes a small number
    empty.writeBytes(nothing);
    empty.write(file, file.length - 16, 16);
    int block = empty.size();

    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int from = 0;
    for (long start :
        ListImagesTest.scan(avro, RecordFields.AUTO).stream()
            .map(ImageRef::offset)
            .distinct()
            .toList()) {
      all.write(file, from, (int) start - from);
      from = (int) start;
      all.writeBytes(empty.toByteArray());
      all.writeBytes(empty.toByteArray());
    }
    all.write(file, from, file.length - from);
    all.writeBytes(empty.toByteArray());
    all.writeBytes(empty.toByteArray());
    Files.write(avro, all.toByteArray());
    assertReadsInAnyOrder(ListImagesTest.scan(avro, RecordFields.AUTO), "a.avro");

    for (int cut = 0; cut < 3 * block; cut++) {
      Files.write(avro, Arrays.copyOf(all.toByteArray(), all.size() - cut));
      Throwable thrown = catchThrowable(() -> ListImagesTest.scan(avro, RecordFields.AUTO));
      if (cut <= 2 * block && cut % block == 0) {
        assertThat(thrown).isNull();
      } else {
        assertThat(thrown).as("%d bytes cut off", cut).isInstanceOf(IOException.class);
      }
    }
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
            "a.tar/x/0004.png x");
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
