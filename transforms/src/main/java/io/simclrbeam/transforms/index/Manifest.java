package io.simclrbeam.transforms.index;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.images.ImageRef;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/**
 * The usable images of a data set under a dense index 0..N-1, in the order of their ids, whatever
 * the order in which they were found.
 *
 * @param inputs that were searched
 * @param images by index
 * @param sha256 of the manifest's bytes
 */
public record Manifest(List<String> inputs, List<ImageRef> images, String sha256) {
  /** The name of the file in a model folder. */
  public static final String FILE = "manifest.avro";

  private static final Schema SCHEMA =
      SchemaBuilder.record("ManifestEntry")
          .namespace("io.simclrbeam")
          .fields()
          .requiredLong("index")
          .requiredString("id")
          .requiredString("uri")
          .requiredLong("offset")
          .requiredLong("length")
          .optionalString("label")
          .requiredInt("width")
          .requiredInt("height")
          .requiredString("format")
          .requiredString("content_sha256")
          .endRecord();

  /** The key of the Avro file's metadata under which the inputs are, one a line. */
  private static final String INPUTS = "simclr.inputs";

  /** Reproducible files need a fixed sync marker instead of Avro's random one. */
  private static final byte[] SYNC_MARKER = new byte[16];

  /** Writes the manifest of entries in any order. */
  static void write(FileStore store, List<String> inputs, List<ManifestEntry> entries)
      throws IOException {
    List<ManifestEntry> sorted = new ArrayList<>(entries);
    sorted.sort(
        Comparator.comparing((ManifestEntry entry) -> entry.ref().id())
            .thenComparing(entry -> entry.ref().uri())
            .thenComparing(entry -> entry.ref().offset()));
    store.write(
        FILE,
        out -> {
          try (DataFileWriter<GenericRecord> writer =
              new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
            writer
                .setCodec(CodecFactory.deflateCodec(6))
                .setMeta(INPUTS, String.join("\n", inputs))
                .create(SCHEMA, out, SYNC_MARKER);
            for (int i = 0; i < sorted.size(); i++) {
              writer.append(record(i, sorted.get(i)));
            }
          }
        });
  }

  /**
   * Reads the manifest in a folder.
   *
   * @throws java.io.FileNotFoundException if there is none
   */
  public static Manifest read(FileStore store) throws IOException {
    byte[] bytes;
    try (InputStream in = new BufferedInputStream(store.open(FILE))) {
      bytes = in.readAllBytes();
    }
    // Many images share a shard, and more share a label: keep one string each.
    Map<String, String> strings = new HashMap<>();
    List<String> inputs;
    List<ImageRef> images = new ArrayList<>();
    try (DataFileStream<GenericRecord> records =
        new DataFileStream<>(new ByteArrayInputStream(bytes), new GenericDatumReader<>())) {
      inputs = List.of(records.getMetaString(INPUTS).split("\n", -1));
      for (GenericRecord record : records) {
        Object label = record.get("label");
        images.add(
            new ImageRef(
                record.get("id").toString(),
                strings.computeIfAbsent(record.get("uri").toString(), s -> s),
                (Long) record.get("offset"),
                (Long) record.get("length"),
                label == null ? null : strings.computeIfAbsent(label.toString(), s -> s)));
      }
    }
    return new Manifest(inputs, List.copyOf(images), Sha256.of(bytes));
  }

  private static GenericRecord record(long index, ManifestEntry entry) {
    return new GenericRecordBuilder(SCHEMA)
        .set("index", index)
        .set("id", entry.ref().id())
        .set("uri", entry.ref().uri())
        .set("offset", entry.ref().offset())
        .set("length", entry.ref().length())
        .set("label", entry.ref().label())
        .set("width", entry.width())
        .set("height", entry.height())
        .set("format", entry.format())
        .set("content_sha256", entry.contentSha256())
        .build();
  }
}
