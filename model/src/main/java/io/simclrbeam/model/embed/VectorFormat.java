package io.simclrbeam.model.embed;

import java.util.Locale;

/** How the numbers of an embedding are stored. */
public enum VectorFormat {
  /** As the encoder computes them, 4 bytes a number. */
  FLOAT32(4),
  /** IEEE 754 binary16, 2 bytes a number; see {@link PackedVector#float16}. */
  FLOAT16(2),
  /** Steps of the largest number divided by 127, 1 byte a number; see {@link PackedVector#int8}. */
  INT8(1);

  private final int bytes;

  VectorFormat(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the bytes of a number. */
  public int bytes() {
    return bytes;
  }

  /** Returns the name that options and manifests use, such as {@code float16}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the format of a {@link #code}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static VectorFormat of(String code) {
    return valueOf(code.toUpperCase(Locale.ROOT));
  }
}
