package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.simclrbeam.model.ForkedJvm;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ComputeDeviceTest {
  /** A processor without these features has neither of them at any limit. */
  @ParameterizedTest
  @CsvSource({"AVX2, false, false", "avx512_core, false, false", "AVX512_CORE_VNNI, false, true"})
  void aLimitOnKernelsIsALimitOnWhatIsFast(String limit, boolean bf16, boolean int8)
      throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Fast.class, Map.of("ONEDNN_MAX_CPU_ISA", limit));
    assertThat(jvm.output())
        .contains("bf16 " + bf16)
        .contains("int8 " + (int8 && ComputeDevice.hasFastInt8(Device.cpu())));
  }

  /** Prints what is fast. */
  static final class Fast {
    private Fast() {}

    public static void main(String[] args) {
      System.out.println("bf16 " + ComputeDevice.hasFastBf16(Device.cpu()));
      System.out.println("int8 " + ComputeDevice.hasFastInt8(Device.cpu()));
    }
  }
}
