package io.simclrbeam.transforms.index;

import io.simclrbeam.transforms.images.ImageRef;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/** The Avro record of a usable image. */
final class ManifestRecord {
  static final String CONTENT_SHA256 = "content_sha256";

  /** The key of the Avro file's metadata under which the {@link #text} of the inputs is. */
  static final String INPUTS = "simclr.inputs";

  /** {@code field} and {@code record} address an image in a block of an Avro file. */
  static final Schema SCHEMA =
      SchemaBuilder.record("ManifestEntry")
          .namespace("io.simclrbeam")
          .fields()
          .requiredLong("index")
          .requiredString("id")
          .requiredString("uri")
          .requiredLong("offset")
          .requiredLong("length")
          .optionalString("field")
          .optionalInt("record")
          .optionalString("label")
          .requiredInt("width")
          .requiredInt("height")
          .requiredString("format")
          .requiredString(CONTENT_SHA256)
          .endRecord();

  /** The order of the index. */
  static final Comparator<GenericRecord> ORDER =
      Comparator.comparing((GenericRecord record) -> record.get("id").toString())
          .thenComparing(record -> record.get("uri").toString())
          .thenComparing(record -> (Long) record.get("offset"));

  private static final long NOT_YET = -1;

  /** Other signs behind a backslash were written before there was any need for one. */
  private static final Pattern ESCAPED = Pattern.compile("\\\\([n\\\\])");

  private ManifestRecord() {}

  /** Returns inputs as text, one a line, with line breaks and backslashes behind a backslash. */
  static String text(List<String> inputs) {
    return inputs.stream()
        .map(input -> input.replace("\\", "\\\\").replace("\n", "\\n"))
        .collect(Collectors.joining("\n"));
  }

  /** Returns the inputs of a text. */
  static List<String> inputs(String text) {
    return Stream.of(text.split("\n", -1))
        .map(
            line ->
                ESCAPED
                    .matcher(line)
                    .replaceAll(
                        sign ->
                            Matcher.quoteReplacement(
                                sign.group(1).equals("n") ? "\n" : sign.group(1))))
        .toList();
  }

  /**
   * Returns a record that has no index yet.
   *
   * @param length of the image in bytes, which the reference of a record only estimates
   */
  static GenericRecord of(
      ImageRef ref, long length, int width, int height, String format, String sha256) {
    ImageRef.BlockRecord record = ref.record();
    return new GenericRecordBuilder(SCHEMA)
        .set("index", NOT_YET)
        .set("id", ref.id())
        .set("uri", ref.uri())
        .set("offset", ref.offset())
        .set("length", length)
        .set("field", record == null ? null : record.field())
        .set("record", record == null ? null : record.number())
        .set("label", ref.label())
        .set("width", width)
        .set("height", height)
        .set("format", format)
        .set(CONTENT_SHA256, sha256)
        .build();
  }

  /** Returns where an image is, with one string for each uri, field and label. */
  static ImageRef image(GenericRecord record, Map<String, String> strings) {
    String field = share(record.get("field"), strings);
    return new ImageRef(
        record.get("id").toString(),
        Objects.requireNonNull(share(record.get("uri"), strings)),
        (Long) record.get("offset"),
        (Long) record.get("length"),
        field == null ? null : new ImageRef.BlockRecord(field, (Integer) record.get("record")),
        share(record.get("label"), strings),
        record.get(CONTENT_SHA256).toString());
  }

  /** Returns where an image is. */
  static ImageRef image(GenericRecord record) {
    return image(record, new HashMap<>());
  }

  /** Returns the shorter side of an image in pixels. */
  static int shorterSide(GenericRecord record) {
    return Math.min((Integer) record.get("width"), (Integer) record.get("height"));
  }

  /** Returns a string equal to the text, the same one each time; null for null. */
  private static @Nullable String share(@Nullable Object text, Map<String, String> strings) {
    return text == null ? null : strings.computeIfAbsent(text.toString(), s -> s);
  }
}
