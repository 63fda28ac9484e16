package io.simclrbeam.transforms.images;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of records hold images and labels, in files of records.
 *
 * @param image the encoded image; null for the only field of type bytes (Avro) or {@code
 *     image/encoded} (TFRecord)
 * @param label the label; null for {@code label}, where there is one (Avro), or {@code
 *     image/class/label} (TFRecord)
 */
public record RecordFields(@Nullable String image, @Nullable String label) implements Serializable {
  /** The usual fields of each format. */
  public static final RecordFields AUTO = new RecordFields(null, null);
}
