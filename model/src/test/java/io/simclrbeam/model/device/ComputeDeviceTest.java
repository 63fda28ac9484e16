package io.simclrbeam.model.device;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.simclrbeam.model.ForkedJvm;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ComputeDeviceTest {
  /** A processor without these features has neither of them at any limit. */
  @ParameterizedTest
  @CsvSource({
    "AVX2, false, false",
    "avx512_core, false, false",
    "AVX512_CORE_VNNI, false, true",
    "AVX512_CORE_BF16, true, true",
    "DEFAULT, true, true"
  })
  void aLimitOnKernelsIsALimitOnWhatIsFast(String limit, boolean bf16, boolean int8)
      throws Exception {
    String unlimited = describe("");
    assertThat(describe(limit))
        .contains("bf16 " + (bf16 && unlimited.contains("bf16 true")))
        .contains("int8 " + (int8 && unlimited.contains("int8 true")));
  }

  /** A V100, a T4, an A100, an L4, an H100 and a B200. */
  @ParameterizedTest
  @CsvSource({"70, false", "75, false", "80, true", "89, true", "90, true", "100, true"})
  void bfloat16IsFastOnGpusThatHaveIt(String capability, boolean fast) {
    assertThat(ComputeDevice.gpuHasBf16(capability)).isEqualTo(fast);
  }

  /** Other kernels round in another way. */
  @Test
  void aLimitIsPartOfTheDescription() throws Exception {
    assertThat(describe("AVX2")).contains("ONEDNN_MAX_CPU_ISA=AVX2");
  }

  private static String describe(String limit) throws Exception {
    return ForkedJvm.run(Fast.class, Map.of("ONEDNN_MAX_CPU_ISA", limit)).output();
  }

  /** Prints what it is and what is fast. */
  static final class Fast {
    private Fast() {}

    public static void main(String[] args) {
      System.out.println("bf16 " + ComputeDevice.hasFastBf16(Device.cpu()));
      System.out.println(ComputeDevice.describe(Device.cpu()));
      System.out.println("int8 " + ComputeDevice.hasFastInt8(Device.cpu()));
    }
  }
}
