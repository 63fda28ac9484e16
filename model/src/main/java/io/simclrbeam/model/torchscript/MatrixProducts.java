package io.simclrbeam.model.torchscript;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How MKL, libtorch's library of matrix products on x86, adds up. By default it may add in another
 * order in each run. In its mode for reproducible results it does not, on the same processor with
 * the same number of threads: Intel, "oneMKL developer guide for Linux", chapter "Obtaining
 * numerically reproducible results". oneDNN, the library of convolutions, needs no such mode.
 */
final class MatrixProducts {
  /** {@code MKL_CBWR_AUTO}: reproducible, with the fastest kernels that this mode has here. */
  private static final int REPRODUCIBLE = 2;

  private static final String CHOSEN_BY_USER = System.getenv("MKL_CBWR");

  private MatrixProducts() {}

  /**
   * Makes products reproducible from now on, unless the user has chosen by {@code MKL_CBWR}. Does
   * nothing where libtorch has no MKL. MKL refuses it once products were made.
   */
  static void makeReproducible() {
    Engine.getEngine("PyTorch"); // loads libtorch
    Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
    if (CHOSEN_BY_USER != null || !Files.exists(library)) {
      return;
    }
    try {
      Function mode =
          NativeLibrary.getInstance(library.toString()).getFunction("mkl_serv_cbwr_set");
      mode.invokeInt(new Object[] {REPRODUCIBLE});
    } catch (UnsatisfiedLinkError e) {
      // Another processor's libtorch.
    }
  }
}
