package io.simclrbeam.pipelines.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import org.junit.jupiter.api.Test;

final class WorkerDeviceTest {
  private static final WorkerDevice GPU = new WorkerDevice(true, true);

  @Test
  void gpusOfOtherMachinesAreNotLookedForHere() {
    assertThat(WorkerDevice.of("cuda:9999", "", true)).isEqualTo(GPU);
    assertThat(WorkerDevice.of("auto", "type:nvidia-l4;count:1", true)).isEqualTo(GPU);
    assertThatThrownBy(() -> WorkerDevice.of("cuda:9999", "", false))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageStartingWith("--device: device cuda:9999 is not here: libtorch sees ")
        .hasMessageEndingWith("; use auto or cpu.");
  }

  @Test
  void otherProcessorsAreTakenToBeLikeThisOne() {
    WorkerDevice here = new WorkerDevice(false, ComputeDevice.hasFastBf16(Device.cpu()));
    assertThat(WorkerDevice.of("cpu", "", false)).isEqualTo(here);
    assertThat(WorkerDevice.of("cpu", "", true)).isEqualTo(here);
  }
}
