package io.simclrbeam.model;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simclrbeam.model.device.OneDnn;

/** The kernels that oneDNN chooses among. */
public final class TestKernels {
  private TestKernels() {}

  /**
   * Passes over a test of kernels that are those of another one here, as all are without oneDNN.
   *
   * @param kernels that are tested
   * @param first ones that are tested, which are tested anywhere
   */
  public static void assumeTheyDiffer(String kernels, String first) {
    assumeTrue(OneDnn.isSound() || kernels.equals(first), "libtorch computes without oneDNN here");
  }
}
