package io.simclrbeam.model.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;

/** An immutable tensor: a type, a shape, and its elements in row-major order, little-endian. */
public final class Tensor {
  private final TensorType type;
  private final List<Long> shape;
  private final Supplier<ByteBuffer> data;

  private Tensor(TensorType type, List<Long> shape, Supplier<ByteBuffer> data) {
    this.type = type;
    this.shape = List.copyOf(shape);
    this.data = data;
  }

  private Tensor(TensorType type, List<Long> shape, ByteBuffer data) {
    this(type, shape, () -> data);
    check(data);
  }

  private void check(ByteBuffer found) {
    if (bytes() != found.remaining()) {
      throw new IllegalArgumentException(
          "a %s tensor of shape %s does not fit %d bytes"
              .formatted(type, shape, found.remaining()));
    }
  }

  /**
   * Returns a tensor whose elements are not kept. They are computed each time they are asked for,
   * so that a large model need not be in the heap as a whole.
   *
   * @param data yields little-endian bytes, the same each time
   */
  public static Tensor computed(TensorType type, List<Long> shape, Supplier<ByteBuffer> data) {
    return new Tensor(type, shape, data);
  }

  /**
   * Wraps little-endian bytes, which must not change afterwards.
   *
   * @throws IllegalArgumentException if the shape does not fit the number of bytes
   */
  public static Tensor wrap(TensorType type, List<Long> shape, ByteBuffer data) {
    return new Tensor(type, shape, data.slice());
  }

  /** Copies float32 values. */
  public static Tensor of(List<Long> shape, float... values) {
    ByteBuffer data = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Tensor(TensorType.FLOAT32, shape, data);
  }

  /** Copies float64 values. */
  public static Tensor of(List<Long> shape, double... values) {
    ByteBuffer data = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    data.asDoubleBuffer().put(values);
    return new Tensor(TensorType.FLOAT64, shape, data);
  }

  /** Returns a scalar of type int64, shape {@code []}. */
  public static Tensor scalar(long value) {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(0, value);
    return new Tensor(TensorType.INT64, List.of(), data);
  }

  public TensorType type() {
    return type;
  }

  public List<Long> shape() {
    return shape;
  }

  /** Returns the number of elements. */
  public long elements() {
    return elements(shape);
  }

  /** Returns the number of bytes of the elements. */
  public long bytes() {
    return Math.multiplyExact(elements(), type.bytes());
  }

  /** Returns the elements as a read-only little-endian buffer of its own position. */
  public ByteBuffer data() {
    ByteBuffer found = data.get();
    check(found);
    return found.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Copies the elements.
   *
   * @throws IllegalStateException if this is not a float32 tensor
   */
  public float[] toFloats() {
    if (type != TensorType.FLOAT32) {
      throw new IllegalStateException("not a float32 tensor, but " + type);
    }
    float[] values = new float[(int) elements()];
    data().asFloatBuffer().get(values);
    return values;
  }

  /**
   * Returns the elements as float32, rounded to nearest if they are float64. They are not kept, see
   * {@link #computed}.
   *
   * @throws IllegalStateException if they are integers
   */
  public Tensor toFloat32() {
    return switch (type) {
      case FLOAT16, BFLOAT16, FLOAT64 -> computed(TensorType.FLOAT32, shape, this::float32);
      case FLOAT32 -> this;
      case INT64 -> throw new IllegalStateException("not a tensor of floats, but " + type);
    };
  }

  private ByteBuffer float32() {
    ByteBuffer from = data();
    ByteBuffer to =
        ByteBuffer.allocate(Math.toIntExact(elements() * TensorType.FLOAT32.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (to.hasRemaining()) {
      to.putFloat(
          switch (type) {
            case FLOAT16 -> Float16.toFloat(from.getShort());
            case BFLOAT16 -> Float.intBitsToFloat(from.getShort() << 16);
            case FLOAT64 -> (float) from.getDouble();
            case FLOAT32, INT64 -> throw new IllegalStateException("not to be converted: " + type);
          });
    }
    return to.flip();
  }

  /** Returns the product of the sizes of a shape's axes; 1 for a scalar. */
  public static long elements(List<Long> shape) {
    long product = 1;
    for (long size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }
}
