package io.simclrbeam.transforms.dataset;

import java.util.Locale;

/** The format of part files. */
public enum FileFormat {
  /** Avro container files: by rows, read from beginning to end. */
  AVRO,
  /** Parquet files: by columns, for engines that read only some of them. */
  PARQUET;

  /** Returns the name that options use, such as {@code parquet}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns how the names of such files end. */
  String suffix() {
    return "." + code();
  }
}
