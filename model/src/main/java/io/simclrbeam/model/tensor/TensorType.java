package io.simclrbeam.model.tensor;

import java.util.Arrays;
import java.util.Optional;

/** The element types of tensors. Weights and optimizer states are kept in float32. */
public enum TensorType {
  /** IEEE 754 half precision. */
  FLOAT16("F16", 2),
  /** The upper half of a float32. */
  BFLOAT16("BF16", 2),
  /** IEEE 754 single precision. */
  FLOAT32("F32", 4),
  /** IEEE 754 double precision. */
  FLOAT64("F64", 8),
  /** Signed 64-bit integer. */
  INT64("I64", 8);

  private final String code;
  private final int bytes;

  TensorType(String code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** Returns its name in safetensors files. */
  public String code() {
    return code;
  }

  /** Returns the type of a {@link #code}; empty if there is none. */
  static Optional<TensorType> of(String code) {
    return Arrays.stream(values()).filter(type -> type.code.equals(code)).findFirst();
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
