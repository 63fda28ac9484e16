package io.simclrbeam.model.torchscript;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * MKL, libtorch's library of matrix products and of functions such as exp, on x86. Left alone, it
 * may give other results in each process. oneDNN, the library of convolutions, does not.
 */
final class Mkl {
  /** {@code MKL_CBWR_AUTO}: reproducible, with the fastest kernels that this mode has here. */
  private static final int REPRODUCIBLE = 2;

  private static final String CHOSEN_BY_USER = System.getenv("MKL_CBWR");

  /** {@code VML_HA}: the accuracy that libtorch asks for. */
  private static final int HIGH_ACCURACY = 2;

  private Mkl() {}

  /**
   * Makes results reproducible from now on, on the same processor with the same number of threads.
   * Does nothing where libtorch has no MKL.
   */
  static void makeReproducible() {
    Engine.getEngine("PyTorch"); // loads libtorch
    Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
    if (!Files.exists(library)) {
      return;
    }
    NativeLibrary mkl = NativeLibrary.getInstance(library.toString());
    try {
      if (CHOSEN_BY_USER == null) {
        makeProductsReproducible(mkl);
      }
      chooseKernelsOfFunctions(mkl);
    } catch (UnsatisfiedLinkError e) {
      // Another processor's libtorch.
    }
  }

  /**
   * By default MKL may add up in another order in each run. In its mode for reproducible results it
   * does not: Intel, "oneMKL developer guide for Linux", chapter "Obtaining numerically
   * reproducible results". MKL refuses the mode once products were made.
   */
  private static void makeProductsReproducible(NativeLibrary mkl) {
    mkl.getFunction("mkl_serv_cbwr_set").invokeInt(new Object[] {REPRODUCIBLE});
  }

  /**
   * The first call of a function finds out which kernels suit the processor. It writes down a
   * number of the processor, and then over it the number of its kernels. A second thread that calls
   * in between takes the first number for the second, and may get kernels with half of the digits:
   * relative errors of 1.5e-4 in exp were seen, in some 1 of 20 processes. So one thread makes the
   * first call alone.
   */
  private static void chooseKernelsOfFunctions(NativeLibrary mkl) {
    float[] one = {1};
    mkl.getFunction("vmsExp").invoke(new Object[] {1, one, one.clone(), (long) HIGH_ACCURACY});
  }
}
