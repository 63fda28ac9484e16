package io.simclrbeam.model.device;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** oneDNN, libtorch's library of convolutions on CPUs. */
public final class OneDnn {
  private static final Logger LOG = LoggerFactory.getLogger(OneDnn.class);

  /** Linux shows what the processor says of its caches there, if it says anything. */
  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

  private static final boolean SOUND = isSound(ComputeDevice.LINUX_CPU, CACHES);

  private OneDnn() {}

  /**
   * Returns whether oneDNN can be relied on here. Some virtual machines hide from their AMD
   * processors how large caches are (leaf 8000001D of the CPUID instruction is zero). oneDNN takes
   * that for caches of one byte. Its convolutions then divide by zero, which ends the process, for
   * ResNet-50 at 224 pixels for one, and some gradients are no numbers. Limiting it to AVX2 changes
   * nothing. With an Intel processor it guesses usual sizes instead.
   */
  public static boolean isSound() {
    return SOUND;
  }

  static boolean isSound(Path processor, Path caches) {
    try {
      String text = Files.readString(processor);
      boolean amd = text.contains("AuthenticAMD") || text.contains("HygonGenuine");
      return !amd || Files.exists(caches.resolve("index0"));
    } catch (IOException e) {
      return true; // not Linux
    }
  }

  /**
   * Has libtorch compute without oneDNN from now on where that is not sound, and says so. What it
   * has instead is slower.
   */
  public static void avoidUnlessSound() {
    if (SOUND) {
      return;
    }
    LOG.warn(
        "This machine does not tell its processor's cache sizes. oneDNN, which computes convolutions,"
            + " crashes without them, so they are computed without it, which is slower. A virtual"
            + " machine that passes on CPUID leaf 8000001D does not have that problem.");
    Engine.getEngine("PyTorch"); // loads libtorch
    Path file = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
    NativeLibrary libtorch = NativeLibrary.getInstance(file.toString());
    // at::globalContext(), and what Python calls torch.backends.mkldnn.enabled and nnpack.enabled.
    // NNPACK, the next choice, needs the sizes of caches too. It warns at every call without them.
    Pointer context = libtorch.getFunction("_ZN2at13globalContextEv").invokePointer(new Object[0]);
    for (String setting :
        List.of(
            "_ZN2at7Context20setUserEnabledMkldnnEb", "_ZN2at7Context20setUserEnabledNNPACKEb")) {
      libtorch.getFunction(setting).invokeVoid(new Object[] {context, (byte) 0});
    }
  }
}
