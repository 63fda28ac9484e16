package io.simclrbeam.model.device;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Finds the device that a name stands for, and what it is good at. */
public final class ComputeDevice {
  private static final Path LINUX_CPU = Path.of("/proc/cpuinfo");

  /** What the user limits oneDNN's kernels to; empty for nothing. oneDNN reads it by itself. */
  private static final String LIMIT =
      System.getenv().getOrDefault("ONEDNN_MAX_CPU_ISA", "").toUpperCase(Locale.ROOT);

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
   * @param name {@code cpu}, {@code cuda:N}, or {@code auto}: the first GPU if libtorch sees one
   * @throws IllegalArgumentException if it is no such name or there is no such GPU here
   */
  public static Device resolve(String name) {
    if (name.equals("cpu")) {
      return Device.cpu(); // without libtorch, which the process that submits a job need not have
    }
    int gpus = Engine.getEngine("PyTorch").getGpuCount();
    if (name.equals("auto") && gpus == 0) {
      return Device.cpu();
    }
    if (name.equals("auto")) {
      return Device.gpu(0);
    }
    if (!name.matches("cuda:\\d{1,4}")) {
      throw new IllegalArgumentException(
          "device must be auto, cpu or cuda:N, but is '%s'".formatted(name));
    }
    int index = Integer.parseInt(name.substring("cuda:".length()));
    if (index >= gpus) {
      throw new IllegalArgumentException(
          "device %s is not here: libtorch sees %d GPUs; use auto or cpu".formatted(name, gpus));
    }
    return Device.gpu(index);
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
            ? ", GPU of compute capability " + CudaUtils.getComputeCapability(device.getDeviceId())
            : "";
    String limit = LIMIT.isEmpty() ? "" : ", ONEDNN_MAX_CPU_ISA=" + LIMIT;
    String libtorch = Engine.getEngine("PyTorch").getVersion();
    return "%s%s, libtorch %s%s".formatted(processor, gpu, libtorch, limit);
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
        : cpuHas("avx512_bf16", "amx_bf16") && limitAllows("AVX512_CORE_BF16");
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
    return !device.isGpu() && cpuHas("avx512_vnni", "amx_int8") && limitAllows("AVX512_CORE_VNNI");
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
