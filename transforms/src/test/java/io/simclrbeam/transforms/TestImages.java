package io.simclrbeam.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.simclrbeam.model.random.SeededRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.io.TFRecordIO;
import org.apache.beam.sdk.transforms.Create;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.tensorflow.example.BytesList;
import org.tensorflow.example.Example;
import org.tensorflow.example.Feature;
import org.tensorflow.example.Features;

/** Small pictures and the files that hold them. */
public final class TestImages {
  private TestImages() {}

  /** Returns a PNG of random blocks; a function of its number. */
  public static byte[] png(long number) throws IOException {
    SeededRandom random = SeededRandom.of(number);
    BufferedImage image = new BufferedImage(20, 16, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 20; x++) {
        image.setRGB(
            x, y, (int) SeededRandom.of(number, x / 5, y / 4).nextLong() ^ random.nextInt(16));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** Writes {@code class-C/image-NNN.png} for so many images in three classes. */
  public static void writeFolder(Path folder, int images) throws IOException {
    for (Map.Entry<String, byte[]> file : files(images).entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  /** Writes the same files as entries of a tar shard. */
  public static void writeTar(Path tar, int images) throws IOException {
    writeTar(tar, files(images));
  }

  /** Writes any files as entries of a tar, in this order. */
  public static void writeTar(Path tar, Map<String, byte[]> files) throws IOException {
    try (OutputStream out = Files.newOutputStream(tar);
        TarArchiveOutputStream entries = new TarArchiveOutputStream(out)) {
      entries.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        entries.putArchiveEntry(entry);
        entries.write(file.getValue());
        entries.closeArchiveEntry();
      }
    }
  }

  /** Writes the same images, with the class as label, as records of small Avro blocks. */
  public static void writeAvro(Path avro, int images, CodecFactory codec) throws IOException {
    Schema schema =
        SchemaBuilder.record("Picture")
            .fields()
            .requiredString("label")
            .requiredInt("number")
            .name("image")
            .type()
            .nullable()
            .bytesType()
            .noDefault()
            .endRecord();
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.setCodec(codec).setSyncInterval(2000).create(schema, avro.toFile());
      int number = 0;
      for (Map.Entry<String, byte[]> file : files(images).entrySet()) {
        writer.append(
            new GenericRecordBuilder(schema)
                .set("label", label(file.getKey()))
                .set("number", number++)
                .set("image", ByteBuffer.wrap(file.getValue()))
                .build());
      }
    }
  }

  /** Writes the same images, with the class as label, as a TFRecord file. */
  public static void writeTfRecord(Path file, int images) throws IOException {
    Pipeline pipeline = DirectPipeline.checked();
    List<byte[]> records = new ArrayList<>();
    for (Map.Entry<String, byte[]> image : files(images).entrySet()) {
      records.add(
          Example.newBuilder()
              .setFeatures(
                  Features.newBuilder()
                      .putFeature("image/encoded", bytes(image.getValue()))
                      .putFeature("image/class/label", bytes(label(image.getKey()).getBytes(UTF_8)))
                      .putFeature("image/format", bytes("png".getBytes(UTF_8))))
              .build()
              .toByteArray());
    }
    pipeline
        .apply(Create.of(records).withCoder(ByteArrayCoder.of()))
        .apply(TFRecordIO.write().to(file + "-part").withNumShards(1).withoutSharding());
    pipeline.run().waitUntilFinish();
    Files.move(Path.of(file + "-part"), file);
  }

  private static Feature bytes(byte[] value) {
    return Feature.newBuilder()
        .setBytesList(BytesList.newBuilder().addValue(ByteString.copyFrom(value)))
        .build();
  }

  private static String label(String name) {
    return name.substring(0, name.indexOf('/'));
  }

  private static Map<String, byte[]> files(int images) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < images; i++) {
      files.put("class-%d/image-%03d.png".formatted(i % 3, i), png(i));
    }
    return files;
  }
}
