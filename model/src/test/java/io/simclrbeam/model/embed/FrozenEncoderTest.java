package io.simclrbeam.model.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.network.Precision;
import org.junit.jupiter.api.Test;

final class FrozenEncoderTest {
  @Test
  void int8IsForConvolutionsOnCpus() {
    Encoder network = new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 1, true);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrozenEncoder.check(new Pixels(), 8, Device.cpu(), Precision.INT8))
        .withMessage(
            "the encoder pixels does not consist of convolutions, which int8 is for; choose fp32");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrozenEncoder.check(network, 32, Device.gpu(0), Precision.INT8))
        .withMessage("int8 is for CPUs; choose bf16 on a GPU, or device cpu");
    FrozenEncoder.check(network, 32, Device.gpu(0), Precision.BF16);
    FrozenEncoder.check(new Pixels(), 8, Device.cpu(), Precision.FP32);
    if (ComputeDevice.hasFastInt8(Device.cpu())) {
      FrozenEncoder.check(network, 32, Device.cpu(), Precision.INT8);
    } else {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FrozenEncoder.check(network, 32, Device.cpu(), Precision.INT8))
          .withMessageContaining("int8 needs an x86 processor with AVX-512 VNNI or AMX");
    }
  }

  @Test
  void asManyImagesAreEncodedTogetherAsThereIsMemoryFor() {
    long image = 4 * 2 * 3 * 10 * 10;
    assertThat(FrozenEncoder.imagesIn(7 * image, new Pixels(), 10)).isEqualTo(7);
    assertThat(FrozenEncoder.imagesIn(7 * image - 1, new Pixels(), 10)).isEqualTo(6);
    assertThat(FrozenEncoder.imagesIn(image / 2, new Pixels(), 10)).isOne();
    assertThat(FrozenEncoder.imagesIn(Long.MAX_VALUE, new Pixels(), 1))
        .isEqualTo(Integer.MAX_VALUE);
  }
}
