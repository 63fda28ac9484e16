package io.simclrbeam.pipelines.doctor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.pipelines.runner.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.apache.beam.sdk.io.FileSystem;
import org.apache.beam.sdk.io.FileSystemRegistrar;
import org.apache.beam.sdk.options.PipelineOptions;

/** Looks at this machine and this process. */
final class MachineCheck {
  /** Variables that bin/simclr sets. Without them libtorch is slow on a CPU. */
  private static final List<String> MEMORY_SETTINGS =
      List.of(
          "THP_MEM_ALLOC_ENABLE",
          "MALLOC_MMAP_THRESHOLD_",
          "MALLOC_TRIM_THRESHOLD_",
          "OMP_WAIT_POLICY");

  private final Map<String, String> environment;

  /**
   * Creates one.
   *
   * @param environment variables of the process
   */
  MachineCheck(Map<String, String> environment) {
    this.environment = environment;
  }

  List<Finding> findings(PipelineOptions options) {
    List<Finding> findings = new ArrayList<>();
    Runtime runtime = Runtime.getRuntime();
    findings.add(
        Finding.ok(
            "Java %s, %d processors, a heap of %d MB"
                .formatted(
                    Runtime.version(),
                    runtime.availableProcessors(),
                    runtime.maxMemory() / (1 << 20))));
    findings.add(libtorch());
    findings.add(
        ComputeDevice.hasFastBf16(Device.cpu())
            ? Finding.ok("The processor multiplies in bfloat16")
            : Finding.ok("bfloat16 is not fast here: float32 is used"));
    findings.add(
        ComputeDevice.hasFastInt8(Device.cpu())
            ? Finding.ok("The processor multiplies 8-bit integers: embed may use --precision=int8")
            : Finding.ok("8-bit integers are not fast here: embed cannot use --precision=int8"));
    kernels().ifPresent(findings::add);
    findings.add(memorySettings());
    String decoder = ImageDecoder.library();
    findings.add(
        decoder.startsWith("Leptonica")
            ? Finding.ok("Images are decoded by " + decoder)
            : Finding.warning(
                "Images are decoded by " + decoder,
                "build on the kind of machine that it will run on"));
    findings.add(Finding.ok("File systems: " + String.join(", ", schemes(options))));
    return findings;
  }

  private static Finding libtorch() {
    try {
      Engine engine = Engine.getEngine("PyTorch");
      return Finding.ok(
          "libtorch %s, %s"
              .formatted(
                  engine.getVersion(),
                  engine.getGpuCount() == 0
                      ? "no GPU that it can use"
                      : engine.getGpuCount() + " GPUs"));
    } catch (RuntimeException | LinkageError e) {
      return Finding.problem(
          "libtorch cannot be loaded: " + e.getMessage(),
          "build on the kind of machine that it will run on, or set PYTORCH_LIBRARY_PATH");
    }
  }

  /** A forgotten limit on oneDNN's kernels makes a machine silently slow. */
  private Optional<Finding> kernels() {
    return Optional.ofNullable(environment.get("ONEDNN_MAX_CPU_ISA"))
        .map(
            limit ->
                Finding.warning(
                    "ONEDNN_MAX_CPU_ISA=" + limit + " may limit libtorch's kernels",
                    "unset it, unless a hanging or crashing step is looked into"
                        + " (docs/troubleshooting.md)"));
  }

  private Finding memorySettings() {
    List<String> missing =
        MEMORY_SETTINGS.stream().filter(name -> !environment.containsKey(name)).toList();
    return missing.isEmpty()
        ? Finding.ok("The environment is set for a fast libtorch")
        : Finding.warning(
            "Not set in the environment: " + String.join(", ", missing),
            "start with bin/simclr, which sets them");
  }

  private static Set<String> schemes(PipelineOptions options) {
    Set<String> schemes = new TreeSet<>();
    for (FileSystemRegistrar registrar : ServiceLoader.load(FileSystemRegistrar.class)) {
      registrar.fromOptions(options).forEach(system -> schemes.add(scheme(system)));
    }
    return schemes;
  }

  private static String scheme(FileSystem<?> system) {
    return system.getClass().getSimpleName().replace("FileSystem", "").toLowerCase(Locale.ROOT);
  }
}
