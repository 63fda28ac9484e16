package io.simclrbeam.transforms.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.PassedOver;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.images.Shard;
import io.simclrbeam.transforms.images.ShardFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ParquetShardsTest {
  private static final int IMAGES = 40;
  private static final String CLASSES =
      "{\"info\":{\"features\":{\"label\":{\"names\":[\"cat\",\"dog\",\"cow\"],\"_type\":\"ClassLabel\"}}}}";

  @TempDir private Path folder;
  private final ParquetShards format = new ParquetShards();

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "GZIP", "SNAPPY", "ZSTD"})
  void readsAllRowsInOrderAndAnyRowAlone(CompressionCodecName codec) throws Exception {
    Path file = write(codec, struct(), Map.of());
    List<ImageRef> images = scan(file, RecordFields.AUTO);
    assertThat(images).hasSize(IMAGES);
    assertThat(images.get(17).id()).isEqualTo("a.parquet/00000017");
    assertThat(images.stream().map(ImageRef::offset).distinct())
        .as("several row groups")
        .hasSizeGreaterThan(2);
    assertThat(images).extracting(ImageRef::label).startsWith("0", "1", "2", "0");
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      order.add(i);
    }
    assertReads(images, order);
    Collections.shuffle(order, new Random(1));
    assertReads(images, order);
  }

  @Test
  void namesOfHuggingFaceClassesAreLabels() throws IOException {
    Path file = write(CompressionCodecName.SNAPPY, struct(), Map.of("huggingface", CLASSES));
    assertThat(scan(file, RecordFields.AUTO))
        .extracting(ImageRef::label)
        .startsWith("cat", "dog", "cow", "cat");
  }

  @Test
  void numbersThatNameNoClassAreNoLabels() throws IOException {
    String two = CLASSES.replace(",\"cow\"", "");
    Path file = write(CompressionCodecName.SNAPPY, struct(), Map.of("huggingface", two));
    assertThat(scan(file, RecordFields.AUTO))
        .extracting(ImageRef::label)
        .startsWith("cat", "dog", null, "cat");
  }

  @Test
  void takesTheFieldThatIsAskedForByItsPathOrItsStruct() throws Exception {
    Path file = write(CompressionCodecName.SNAPPY, twoImages(), Map.of());
    assertThatThrownBy(() -> scan(file, RecordFields.AUTO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("[image.bytes, mask]");
    for (String field : List.of("image", "image.bytes", "jpg;image;mask")) {
      List<ImageRef> images = scan(file, new RecordFields(field, "path"));
      assertThat(images).extracting(ImageRef::label).startsWith("0.png", "1.png");
      assertReads(images, List.of(3, 4));
    }
    assertThat(read(scan(file, new RecordFields("mask", null)).get(5))).containsExactly(5);
    assertThatThrownBy(() -> scan(file, new RecordFields("photo", null)))
        .hasMessageContaining("[image.bytes, mask]")
        .hasMessageContaining("photo");
    assertThatThrownBy(() -> scan(file, new RecordFields("mask", "class")))
        .hasMessageContaining("class");
  }

  @Test
  void aRowWithoutAnImageIsEmpty() throws Exception {
    Path file = write(CompressionCodecName.SNAPPY, nullable(), Map.of());
    List<ImageRef> images = scan(file, RecordFields.AUTO);
    assertThat(images).hasSize(IMAGES);
    assertThat(read(images.get(2))).isEmpty();
    assertThat(read(images.get(3))).isEqualTo(TestImages.png(3));
  }

  /** Whatever the damage is, it ends the shard as damage, and no image gets other bytes. */
  @Test
  void damageIsSaid() throws IOException {
    Path file = write(CompressionCodecName.SNAPPY, struct(), Map.of());
    byte[] sound = Files.readAllBytes(file);
    Random random = new Random(3);
    int damaged = 0;
    for (int i = 0; i < 500; i++) {
      byte[] bytes =
          i % 5 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
      if (i % 5 != 0) {
        // The footer is what a scan reads.
        int at = bytes.length - 1 - random.nextInt(Math.min(bytes.length, 1500));
        bytes[at] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, bytes);
      try {
        for (ImageRef image : scan(file, RecordFields.AUTO).stream().limit(2).toList()) {
          format.open(image).close();
        }
      } catch (IOException e) {
        damaged++;
      }
    }
    assertThat(damaged).isGreaterThan(100);
  }

  private void assertReads(List<ImageRef> images, List<Integer> order) throws Exception {
    try (ImageReader reader = ImageReader.of(order.stream().map(images::get).toList())) {
      for (int i : order) {
        assertThat(reader.next()).isEqualTo(TestImages.png(i));
      }
    }
  }

  private byte[] read(ImageRef image) throws Exception {
    try (ShardFormat.OpenFile file = format.open(image)) {
      return file.read(List.of(image)).get(0);
    }
  }

  private List<ImageRef> scan(Path file, RecordFields fields) throws IOException {
    List<ImageRef> images = new ArrayList<>();
    format.scan(
        new Shard(file.getFileName().toString(), file.toString()),
        fields,
        new ShardFormat.Found() {
          @Override
          public PassedOver passedOver() {
            return new PassedOver();
          }

          @Override
          public void image(ImageRef image) {
            images.add(image);
          }

          @Override
          public void reject(String id, RejectReason reason, String detail) {
            throw new AssertionError(id + ": " + detail);
          }
        });
    return images;
  }

  private interface Row {
    GenericRecord of(int number) throws IOException;
  }

  private record Rows(Schema schema, Row row) {}

  private static Schema.Field field(String name, Schema schema) {
    return new Schema.Field(name, schema);
  }

  private static Schema image() {
    return SchemaBuilder.record("Image")
        .fields()
        .optionalBytes("bytes")
        .optionalString("path")
        .endRecord();
  }

  private static GenericRecord image(int number) throws IOException {
    return new GenericRecordBuilder(image())
        .set("bytes", ByteBuffer.wrap(TestImages.png(number)))
        .set("path", number + ".png")
        .build();
  }

  /** As Hugging Face's {@code datasets} writes a folder of images. */
  private static Rows struct() {
    Schema schema =
        Schema.createRecord(
            "Row",
            null,
            null,
            false,
            List.of(
                field("image", Schema.createUnion(Schema.create(Schema.Type.NULL), image())),
                field("label", Schema.create(Schema.Type.LONG))));
    return new Rows(
        schema,
        number ->
            new GenericRecordBuilder(schema)
                .set("image", image(number))
                .set("label", number % 3L)
                .build());
  }

  private static Rows twoImages() {
    Schema schema =
        Schema.createRecord(
            "Row",
            null,
            null,
            false,
            List.of(
                field("path", Schema.create(Schema.Type.STRING)),
                field("image", image()),
                field("mask", Schema.createFixed("Mask", null, null, 1))));
    return new Rows(
        schema,
        number ->
            new GenericRecordBuilder(schema)
                .set("path", number + ".png")
                .set("image", image(number))
                .set(
                    "mask",
                    new GenericData.Fixed(
                        schema.getField("mask").schema(), new byte[] {(byte) number}))
                .build());
  }

  private static Rows nullable() {
    Schema schema = SchemaBuilder.record("Row").fields().optionalBytes("photo").endRecord();
    return new Rows(
        schema,
        number ->
            new GenericRecordBuilder(schema)
                .set("photo", number % 3 == 2 ? null : ByteBuffer.wrap(TestImages.png(number)))
                .build());
  }

  private Path write(CompressionCodecName codec, Rows rows, Map<String, String> metadata)
      throws IOException {
    Path file = folder.resolve("a.parquet");
    Files.deleteIfExists(file);
    try (ParquetWriter<GenericRecord> writer =
        AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withCodecFactory(new PageCodecs())
            .withCompressionCodec(codec)
            .withSchema(rows.schema)
            .withDataModel(GenericData.get())
            .withExtraMetaData(metadata)
            .withRowGroupSize(5000L)
            .withMinRowCountForPageSizeCheck(1)
            .withPageRowCountLimit(5)
            .build()) {
      for (int number = 0; number < IMAGES; number++) {
        writer.write(rows.row.of(number));
      }
    }
    return file;
  }
}
