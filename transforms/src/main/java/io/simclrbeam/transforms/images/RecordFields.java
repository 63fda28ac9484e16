package io.simclrbeam.transforms.images;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of records hold images and labels, in files of records, and which entries of a
 * sample are its image, in tar files.
 *
 * @param image the encoded image, or several names with semicolons between them, of which the first
 *     that is there counts; null for the only field of type bytes (Avro, Parquet), {@code
 *     image/encoded} (TFRecord), or each image of a sample (tar). A field in a record is named by
 *     its path, such as {@code image.bytes}. The name of an entry of a tar is what follows the
 *     first dot, such as {@code seg.png}
 * @param label the label; null for {@code label}, where there is one (Avro, Parquet), or {@code
 *     image/class/label} (TFRecord)
 */
public record RecordFields(@Nullable String image, @Nullable String label) implements Serializable {
  /** The usual fields of each format. */
  public static final RecordFields AUTO = new RecordFields(null, null);

  private static final long serialVersionUID = 1;

  /** Returns the names of the image's field, in order; none for the usual one. */
  public List<String> imageNames() {
    return image == null
        ? List.of()
        : List.of(image.split(";", -1)).stream().map(String::strip).toList();
  }
}
