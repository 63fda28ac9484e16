package io.simclrbeam.transforms.dedup;

import java.util.Comparator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** The Avro record of an image in a group of near duplicates. */
public final class GroupRecord {
  /**
   * {@code group} is the id of the image that is kept of the group; {@code similarity} is that to
   * this image, and 1 for itself.
   */
  public static final Schema SCHEMA =
      SchemaBuilder.record("NearDuplicate")
          .namespace("io.simclrbeam")
          .fields()
          .requiredString("group")
          .requiredString("id")
          .requiredString("uri")
          .requiredString("content_sha256")
          .requiredInt("width")
          .requiredInt("height")
          .requiredBoolean("kept")
          .requiredDouble("similarity")
          .endRecord();

  /** Groups by their names, the kept image first in each. */
  static final Comparator<GenericRecord> ORDER =
      Comparator.comparing(GroupRecord::group)
          .thenComparing(record -> !isKept(record))
          .thenComparing(GroupRecord::id);

  private GroupRecord() {}

  static GenericRecord of(String group, ChooseKept.GroupImage image, double similarity) {
    return new GenericRecordBuilder(SCHEMA)
        .set("group", group)
        .set("id", image.id())
        .set("uri", image.uri())
        .set("content_sha256", image.contentSha256())
        .set("width", image.width())
        .set("height", image.height())
        .set("kept", group.equals(image.id()))
        .set("similarity", similarity)
        .build();
  }

  static String group(GenericRecord record) {
    return record.get("group").toString();
  }

  static String id(GenericRecord record) {
    return record.get("id").toString();
  }

  static boolean isKept(GenericRecord record) {
    return (Boolean) record.get("kept");
  }
}
