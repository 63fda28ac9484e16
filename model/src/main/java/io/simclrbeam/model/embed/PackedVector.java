package io.simclrbeam.model.embed;

import io.simclrbeam.model.tensor.Float16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A vector in fewer bytes than float32 takes.
 *
 * @param bytes without {@code scale}: binary16 {@code [D]}, little-endian; with it: int8 {@code
 *     [D]}; not to be changed
 * @param scale what the int8 are to be multiplied by, at least 0, or null
 */
public record PackedVector(byte[] bytes, @Nullable Float scale) {
  private static final int MOST_STEPS = 127;

  /**
   * Rounds to IEEE 754 binary16: to nearest, ties to even. Numbers beyond 65504 become 65504;
   * infinities and NaN stay.
   *
   * @param vector float32 {@code [D]}
   */
  public static PackedVector float16(float[] vector) {
    ByteBuffer halves =
        ByteBuffer.allocate(Short.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : vector) {
      halves.putShort(Float16.of(number));
    }
    return new PackedVector(halves.array(), null);
  }

  /**
   * Rounds to multiples, -127 to 127, of a 127th of the largest absolute value. A vector that is
   * not finite gets a scale of NaN, so that it does not look like a good one.
   *
   * @param vector float32 {@code [D]}
   */
  public static PackedVector int8(float[] vector) {
    float largest = 0;
    for (float number : vector) {
      largest = Math.max(largest, Math.abs(number)); // NaN if either is
    }
    float scale = Float.isInfinite(largest) ? Float.NaN : largest / MOST_STEPS;
    byte[] steps = new byte[vector.length];
    if (scale > 0) {
      for (int i = 0; i < steps.length; i++) {
        // Near the smallest float32 a scale is so coarse that the quotient can exceed 127.
        long step = Math.round(Math.rint((double) vector[i] / scale));
        steps[i] = (byte) Math.max(-MOST_STEPS, Math.min(MOST_STEPS, step));
      }
    }
    return new PackedVector(steps, scale);
  }

  /**
   * Returns the vector.
   *
   * @return float32 {@code [D]}
   * @throws IllegalArgumentException if there is no scale and the number of bytes is odd
   */
  public float[] unpack() {
    if (scale == null) {
      return unpackFloat16();
    }
    float[] vector = new float[bytes.length];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = scale * bytes[i];
    }
    return vector;
  }

  private float[] unpackFloat16() {
    if (bytes.length % Short.BYTES != 0) {
      throw new IllegalArgumentException(
          "a vector of %d bytes is not one of float16, and has no scale as one of int8"
              .formatted(bytes.length));
    }
    ByteBuffer halves = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] vector = new float[bytes.length / Short.BYTES];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = Float16.toFloat(halves.getShort());
    }
    return vector;
  }
}
