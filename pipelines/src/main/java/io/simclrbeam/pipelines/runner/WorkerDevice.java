package io.simclrbeam.pipelines.runner;

import ai.djl.Device;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;

/**
 * What is known, where a job is submitted, of the device that it will compute on: of other machines
 * only what they are asked for, and else that they are like this one.
 *
 * @param isGpu whether it is a GPU
 * @param hasFastBf16 whether it is faster in bfloat16 than in float32
 */
public record WorkerDevice(boolean isGpu, boolean hasFastBf16) {
  /**
   * Returns the device of a job.
   *
   * @param name {@code auto}, {@code cpu} or {@code cuda:N}
   * @param accelerator what a runner is asked for, or empty
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
