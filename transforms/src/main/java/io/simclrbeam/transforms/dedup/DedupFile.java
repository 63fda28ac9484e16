package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.TextLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/**
 * A file of results. Its bytes depend on its records alone.
 *
 * @param name in the output folder
 * @param records in it
 * @param kept records of images to keep
 * @param sha256 of its bytes
 * @param bytes its size
 */
record DedupFile(String name, long records, long kept, String sha256, long bytes)
    implements Serializable {
  /** Reproducible files need a fixed sync marker instead of Avro's random one. */
  private static final byte[] SYNC_MARKER = new byte[16];

  static final String GROUPS = "groups-";
  static final String KEEP = "keep-";

  /** Writes {@code groups-NNNNN.avro} with records in the order of {@link GroupRecord#ORDER}. */
  static DedupFile writeGroups(String folder, int shard, List<GenericRecord> records)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(GroupRecord.SCHEMA))) {
      writer.setCodec(CodecFactory.deflateCodec(6)).create(GroupRecord.SCHEMA, bytes, SYNC_MARKER);
      for (GenericRecord record : records) {
        writer.append(record);
      }
    }
    long kept = records.stream().filter(GroupRecord::isKept).count();
    return write(
        folder, "%s%05d.avro".formatted(GROUPS, shard), records.size(), kept, bytes.toByteArray());
  }

  /** Writes {@code keep-NNNNN.txt} with an id in each line, as {@link TextLine} writes it. */
  static DedupFile writeKeepList(String folder, int shard, List<String> ids) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String id : ids) {
      text.append(TextLine.of(id)).append('\n');
    }
    return write(
        folder,
        "%s%05d.txt".formatted(KEEP, shard),
        ids.size(),
        ids.size(),
        text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static DedupFile write(String folder, String name, long records, long kept, byte[] bytes)
      throws IOException {
    new BeamFileStore(folder).write(name, out -> out.write(bytes));
    return new DedupFile(name, records, kept, Sha256.of(bytes), bytes.length);
  }
}
