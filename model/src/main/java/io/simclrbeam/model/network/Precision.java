package io.simclrbeam.model.network;

import java.util.Locale;

/** The arithmetic of convolutions and matrix products; weights are stored as float32. */
public enum Precision {
  /**
   * float32 throughout. On GPUs of compute capability 8.0 and above, libtorch convolves in TF32: of
   * 10 bits after the point instead of 23.
   */
  FP32,
  /** bfloat16 activations and operands; in training, statistics, loss and optimizer in float32. */
  BF16,
  /**
   * 8-bit integers, multiplied and added exactly, by processors that are fast at it; of frozen
   * encoders only. See {@code inference.Quantization}.
   */
  INT8;

  /** Returns the name that options and manifests use, such as {@code bf16}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the precision of a {@link #code}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Precision of(String code) {
    return valueOf(code.toUpperCase(Locale.ROOT));
  }

  /** Returns whether a network can be trained with it. */
  public boolean isTrainable() {
    return this != INT8;
  }

  /** Returns the expression of a float32 value as an operand of this floating point arithmetic. */
  public String operand(String x) {
    return switch (this) {
      case FP32 -> x;
      case BF16 -> "torch.to(%s, 15)".formatted(x);
      case INT8 -> throw new IllegalStateException("int8 is no floating point arithmetic");
    };
  }

  /** Returns the expression of an operand as float32. */
  public String toFloat(String x) {
    return this == FP32 ? x : "torch.to(%s, 6)".formatted(x);
  }
}
