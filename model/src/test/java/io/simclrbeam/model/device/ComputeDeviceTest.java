package io.simclrbeam.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          auto   | false | 0 | cpu  | false | the CPU: libtorch sees no GPU and the CUDA runtime sees 0
          auto   | true  | 2 | gpu0 | false | GPU 0 of 2, the first one here
          cuda:1 | true  | 2 | gpu1 | false | GPU 1 of 2, as asked for
          auto   | true  | 0 | cpu  | true  | the CPU: libtorch sees GPUs and the CUDA runtime sees 0; \
          the CUDA runtime, libcudart, may be missing from LD_LIBRARY_PATH
          auto   | false | 2 | cpu  | true  | the CPU: libtorch sees no GPU and the CUDA runtime sees 2; \
          libtorch may be one for CPUs, or for another CUDA than the driver's
          """)
  void aDeviceIsChosenForAReason(
      String name, boolean libtorch, int runtime, String device, boolean surprises, String why) {
    Device expected =
        device.equals("cpu") ? Device.cpu() : Device.gpu(device.charAt(device.length() - 1) - '0');
    assertThat(ComputeDevice.choose(name, libtorch, runtime))
        .isEqualTo(new ComputeDevice.Choice(expected, surprises, why));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gpu    | true  | 2 | device must be auto, cpu or cuda:N, but is 'gpu'
          cuda:2 | true  | 2 | device cuda:2 is not here: libtorch sees GPUs and the CUDA runtime sees 2; \
          use auto or cpu
          cuda:0 | true  | 0 | device cuda:0 is not here: libtorch sees GPUs and the CUDA runtime sees 0; \
          the CUDA runtime, libcudart, may be missing from LD_LIBRARY_PATH; use auto or cpu
          """)
  void whatIsNotHereIsSaid(String name, boolean libtorch, int runtime, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ComputeDevice.choose(name, libtorch, runtime))
        .withMessage(message);
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
