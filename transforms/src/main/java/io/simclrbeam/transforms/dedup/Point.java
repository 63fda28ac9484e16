package io.simclrbeam.transforms.dedup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;

/**
 * As much of an image as a comparison needs.
 *
 * @param guest whether it only visits the cell where it is compared
 * @param right whether it is of the second of two blocks that are compared
 * @param vector float32 {@code [d]} with a direction; must not be changed
 */
@SuppressWarnings(
    "ArrayRecordComponent") // points are never compared; a list would box every number
record Point(String id, boolean guest, boolean right, float[] vector) {

  Point asGuest() {
    return new Point(id, true, right, vector);
  }

  Point onTheRight(boolean isRight) {
    return new Point(id, guest, isRight, vector);
  }

  /**
   * Checks that the vector has as many numbers as others.
   *
   * @throws UnusableEmbeddingsException if not
   */
  void requireDimension(int dimension) {
    if (vector.length != dimension) {
      throw new UnusableEmbeddingsException(
          "the embedding of %s has %d numbers and others have %d, but all must have equally many"
              .formatted(id, vector.length, dimension));
    }
  }

  /** A vector as a key: equal to those of the same numbers. */
  @SuppressWarnings("ArrayRecordComponent") // equality is that of the numbers
  record VectorKey(float[] vector) {
    @Override
    public boolean equals(Object other) {
      return other instanceof VectorKey key && Arrays.equals(vector, key.vector);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(vector);
    }
  }

  /** Writes the vector as big-endian float32. */
  static final class PointCoder extends AtomicCoder<Point> {
    private static final long serialVersionUID = 1;
    static final PointCoder INSTANCE = new PointCoder();

    private PointCoder() {}

    @Override
    public void encode(Point point, OutputStream out) throws IOException {
      StringUtf8Coder.of().encode(point.id, out);
      BooleanCoder.of().encode(point.guest, out);
      BooleanCoder.of().encode(point.right, out);
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * point.vector.length);
      bytes.asFloatBuffer().put(point.vector);
      ByteArrayCoder.of().encode(bytes.array(), out);
    }

    @Override
    public Point decode(InputStream in) throws IOException {
      String id = StringUtf8Coder.of().decode(in);
      boolean guest = BooleanCoder.of().decode(in);
      boolean right = BooleanCoder.of().decode(in);
      ByteBuffer bytes = ByteBuffer.wrap(ByteArrayCoder.of().decode(in));
      float[] vector = new float[bytes.remaining() / Float.BYTES];
      bytes.asFloatBuffer().get(vector);
      return new Point(id, guest, right, vector);
    }
  }
}
