package io.simclrbeam.model.device;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Finds the device that a name stands for, and what it is good at. */
public final class ComputeDevice {
  private static final Logger LOG = LoggerFactory.getLogger(ComputeDevice.class);
  static final Path LINUX_CPU = Path.of("/proc/cpuinfo");

  /** What the user limits oneDNN's kernels to; empty for nothing. oneDNN reads it by itself. */
  private static final String LIMIT =
      System.getenv().getOrDefault("ONEDNN_MAX_CPU_ISA", "").toUpperCase(Locale.ROOT);

  /** What the user says of TF32. NVIDIA's libraries read it by themselves. */
  private static final String TF32 =
      Optional.ofNullable(System.getenv("NVIDIA_TF32_OVERRIDE"))
          .map(value -> ", NVIDIA_TF32_OVERRIDE=" + value)
          .orElse("");

  /** oneDNN's limits in rising order, up to the first with which nothing is missed here. */
  private static final List<String> LIMITS =
      List.of(
          "SSE41",
          "AVX",
          "AVX2",
          "AVX2_VNNI",
          "AVX2_VNNI_2",
          "AVX512_CORE",
          "AVX512_CORE_VNNI",
          "AVX512_CORE_BF16");

  private ComputeDevice() {}

  /**
   * Returns the device of a name.
   *
   * @param name {@code cpu}, {@code cuda:N}, or {@code auto}: the first GPU, or the CPU if there is
   *     none that can be used
   * @throws IllegalArgumentException if it is no such name or there is no such GPU here
   */
  public static Device resolve(String name) {
    return choose(name).device;
  }

  /** Returns the device of a name to load a model on, and logs which one it is and why. */
  public static Device use(String name) {
    Choice choice = choose(name);
    LOG.atLevel(choice.surprises ? Level.WARN : Level.INFO)
        .log("The device is {}. It has {}.", choice.why, means(choice.device));
    return choice.device;
  }

  /** Returns what a device computes with. */
  private static String means(Device device) {
    if (device.isGpu()) {
      return "compute capability " + CudaUtils.getComputeCapability(device.getDeviceId());
    }
    Engine.getEngine("PyTorch"); // loads libtorch
    return "%d threads and %s".formatted(JniUtils.getNumThreads(), instructions());
  }

  /** Returns the newest instructions for tensors that the processor has and oneDNN may use. */
  private static String instructions() {
    if (!OneDnn.isSound()) {
      return "no oneDNN";
    }
    if (cpuHas("amx_tile") && !LIMITS.contains(LIMIT)) {
      return "AMX";
    } else if (cpuHas("avx512_bf16") && limitAllows("AVX512_CORE_BF16")) {
      return "AVX-512 with bfloat16";
    } else if (cpuHas("avx512f") && limitAllows("AVX512_CORE")) {
      return "AVX-512";
    } else if (cpuHas("avx2") && limitAllows("AVX2")) {
      return "AVX2";
    }
    return "no vector instructions that are known here";
  }

  private static Choice choose(String name) {
    if (name.equals("cpu")) { // without libtorch, which who submits a job need not have
      return new Choice(Device.cpu(), false, "the CPU, as asked for");
    }
    return choose(
        name,
        Engine.getEngine("PyTorch").hasCapability(StandardCapabilities.CUDA),
        CudaUtils.getGpuCount());
  }

  /**
   * A device, and why it is that one.
   *
   * @param surprises whether a GPU that is here is left unused
   * @param why what the device is, and the reason
   */
  record Choice(Device device, boolean surprises, String why) {}

  /**
   * Chooses a device other than the CPU by name. Two libraries must see a GPU: libtorch computes on
   * it, and the CUDA runtime says what it can do.
   *
   * @param seenByLibtorch whether libtorch sees a GPU
   * @param seenByRuntime how many GPUs the CUDA runtime sees, 0 if it was not found
   */
  static Choice choose(String name, boolean seenByLibtorch, int seenByRuntime) {
    int gpus = seenByLibtorch ? seenByRuntime : 0;
    String seen =
        "libtorch sees %s and the CUDA runtime sees %d"
            .formatted(seenByLibtorch ? "GPUs" : "no GPU", seenByRuntime);
    String remedy =
        seenByLibtorch
            ? "the CUDA runtime, libcudart, may be missing from LD_LIBRARY_PATH"
            : "libtorch may be one for CPUs, or for another CUDA than the driver's";
    boolean surprises = seenByLibtorch != seenByRuntime > 0;
    if (name.equals("auto") && gpus == 0) {
      return new Choice(
          Device.cpu(), surprises, "the CPU: " + seen + (surprises ? "; " + remedy : ""));
    }
    if (name.equals("auto")) {
      return new Choice(Device.gpu(0), false, "GPU 0 of %d, the first one here".formatted(gpus));
    }
    if (!name.matches("cuda:\\d{1,4}")) {
      throw new IllegalArgumentException(
          "device must be auto, cpu or cuda:N, but is '%s'".formatted(name));
    }
    int index = Integer.parseInt(name.substring("cuda:".length()));
    if (index >= gpus) {
      throw new IllegalArgumentException(
          "device %s is not here: %s; %suse auto or cpu"
              .formatted(name, seen, surprises ? remedy + "; " : ""));
    }
    return new Choice(
        Device.gpu(index), false, "GPU %d of %d, as asked for".formatted(index, gpus));
  }

  /**
   * Returns the kind of a device and the libtorch that computes on it. Where both are the same, so
   * are the results of an encoder, to the last bit.
   */
  public static String describe(Device device) {
    String processor = System.getProperty("os.arch");
    try (Stream<String> lines = Files.lines(LINUX_CPU)) {
      processor =
          lines
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElse(processor);
    } catch (IOException e) {
      // Not Linux: the architecture has to do.
    }
    String gpu =
        device.isGpu()
            ? ", GPU of compute capability %s%s"
                .formatted(CudaUtils.getComputeCapability(device.getDeviceId()), TF32)
            : "";
    String limit = LIMIT.isEmpty() ? "" : ", ONEDNN_MAX_CPU_ISA=" + LIMIT;
    String without = OneDnn.isSound() ? "" : ", without oneDNN";
    String libtorch = Engine.getEngine("PyTorch").getVersion();
    return "%s%s, libtorch %s%s%s".formatted(processor, gpu, libtorch, limit, without);
  }

  /** Returns the bytes of memory that a device has: a GPU's own, or those of this machine. */
  public static long memory(Device device) {
    return device.isGpu()
        ? CudaUtils.getGpuMemory(device).getMax()
        : ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** Returns whether a device multiplies bfloat16 matrices faster than float32 ones. */
  public static boolean hasFastBf16(Device device) {
    return device.isGpu()
        ? gpuHasBf16(CudaUtils.getComputeCapability(device.getDeviceId()))
        : cpuHas("avx512_bf16", "amx_bf16") && limitAllows("AVX512_CORE_BF16") && OneDnn.isSound();
  }

  /**
   * Returns whether a GPU has bfloat16 in its tensor cores: from compute capability 8.0 on (NVIDIA,
   * "CUDA C++ programming guide", table of features by compute capability). Earlier ones emulate
   * it.
   *
   * @param capability without the point, such as {@code 80} for 8.0
   */
  static boolean gpuHasBf16(String capability) {
    return Integer.parseInt(capability) >= 80;
  }

  /**
   * Returns whether a device multiplies 8-bit integers without overflow, which older x86 processors
   * do not, and several times as fast as float32.
   */
  public static boolean hasFastInt8(Device device) {
    return !device.isGpu()
        && cpuHas("avx512_vnni", "amx_int8")
        && limitAllows("AVX512_CORE_VNNI")
        && OneDnn.isSound();
  }

  private static boolean limitAllows(String kernels) {
    int limit = LIMITS.indexOf(LIMIT);
    return limit < 0 || limit >= LIMITS.indexOf(kernels);
  }

  private static boolean cpuHas(String... features) {
    try {
      String processor = Files.readString(LINUX_CPU);
      return Stream.of(features).anyMatch(processor::contains);
    } catch (IOException e) {
      return false; // not Linux; float32 is right everywhere
    }
  }
}
