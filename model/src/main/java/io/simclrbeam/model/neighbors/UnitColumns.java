package io.simclrbeam.model.neighbors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Vectors scaled to norm 1, stored as the columns of blocks {@code [d, 128]}. In this form one
 * vector is multiplied with many at the speed of the processor's vector instructions, and a block
 * stays in the cache while many vectors pass by.
 */
final class UnitColumns {
  /** Columns of a block: 256 KiB of 512 numbers each. */
  static final int WIDTH = 128;

  private final int dimension;
  private final List<float[][]> blocks = new ArrayList<>();
  private final float[] scaled;
  private int size;

  UnitColumns(int dimension) {
    this.dimension = dimension;
    scaled = new float[dimension];
  }

  /** Returns the number of vectors. */
  int size() {
    return size;
  }

  /** Returns the number of blocks; all but the last are full. */
  int blocks() {
    return (size + WIDTH - 1) / WIDTH;
  }

  /** Returns the number of vectors in a block. */
  int width(int block) {
    return Math.min(WIDTH, size - block * WIDTH);
  }

  /** Adds a vector, finite float32 {@code [d]}, as the last column. */
  void add(float[] vector) {
    Cosine.scale(vector, scaled);
    addUnit(scaled);
  }

  /** Adds a vector of norm 1 as it is. */
  void addUnit(float[] unit) {
    int column = size % WIDTH;
    if (size == blocks.size() * WIDTH) {
      blocks.add(new float[dimension][WIDTH]);
    }
    float[][] block = blocks.get(size / WIDTH);
    for (int k = 0; k < dimension; k++) {
      block[k][column] = unit[k];
    }
    size++;
  }

  /** Removes all vectors, but keeps the memory for others. */
  void clear() {
    size = 0;
  }

  /**
   * Multiplies a vector with those of a block. Each product is summed in the order of the
   * dimensions. So it is the same wherever its two vectors meet, whichever of them is the column.
   *
   * @param unit float32 {@code [d]} of norm 1
   * @param out receives float32 {@code [128]}, of which {@link #width} are meant
   */
  void multiply(float[] unit, int block, float[] out) {
    float[][] columns = blocks.get(block);
    Arrays.fill(out, 0);
    int k = 0;
    for (; k + 8 <= dimension; k += 8) {
      addEight(out, unit, columns, k);
    }
    for (; k < dimension; k++) {
      addOne(out, unit[k], columns[k]);
    }
  }

  private static void addEight(float[] out, float[] unit, float[][] columns, int k) {
    float s0 = unit[k];
    float s1 = unit[k + 1];
    float s2 = unit[k + 2];
    float s3 = unit[k + 3];
    float s4 = unit[k + 4];
    float s5 = unit[k + 5];
    float s6 = unit[k + 6];
    float s7 = unit[k + 7];
    float[] c0 = columns[k];
    float[] c1 = columns[k + 1];
    float[] c2 = columns[k + 2];
    float[] c3 = columns[k + 3];
    float[] c4 = columns[k + 4];
    float[] c5 = columns[k + 5];
    float[] c6 = columns[k + 6];
    float[] c7 = columns[k + 7];
    for (int j = 0; j < WIDTH; j++) {
      out[j] +=
          s0 * c0[j]
              + s1 * c1[j]
              + s2 * c2[j]
              + s3 * c3[j]
              + s4 * c4[j]
              + s5 * c5[j]
              + s6 * c6[j]
              + s7 * c7[j];
    }
  }

  private static void addOne(float[] out, float s, float[] column) {
    for (int j = 0; j < WIDTH; j++) {
      out[j] += s * column[j];
    }
  }
}
