package io.simclrbeam.pipelines.runner;

import ai.djl.Device;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;

/**
 * What the submitting process knows of the device that a job will compute on. Of other machines it
 * knows what they are asked for; apart from that it takes them to be like this one.
 *
 * @param isGpu whether it is a GPU
 * @param hasFastBf16 whether it is faster in bfloat16 than in float32
 */
public record WorkerDevice(boolean isGpu, boolean hasFastBf16) {
  /**
   * Returns the device of a job.
   *
   * @param name {@code auto}, {@code cpu} or {@code cuda:N}
   * @param accelerator what the runner is asked for; empty for nothing
   * @param elsewhere whether the job runs on other machines
   * @throws JobException if it would run here and there is no such GPU
   */
  public static WorkerDevice of(String name, String accelerator, boolean elsewhere) {
    if (!accelerator.isEmpty() || (elsewhere && name.startsWith("cuda"))) {
      return new WorkerDevice(true, true);
    }
    try {
      Device device = ComputeDevice.resolve(name);
      return new WorkerDevice(device.isGpu(), ComputeDevice.hasFastBf16(device));
    } catch (IllegalArgumentException e) {
      throw new JobException(ExitCode.USAGE, "--device: %s.".formatted(e.getMessage()));
    }
  }
}
