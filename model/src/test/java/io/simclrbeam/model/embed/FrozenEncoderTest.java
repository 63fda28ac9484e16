package io.simclrbeam.model.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.checkpoint.Checkpoint;
import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.encoder.VisionTransformer;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.Trainer;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  static Stream<TrainingSettings> settings() {
    return Stream.of(
        TestSettings.small().build(),
        TestSettings.small().precision(Precision.BF16).build(),
        TestSettings.small()
            .encoder(new VisionTransformer(VisionTransformer.Scale.TI, 8, false))
            .build());
  }

  /** What a probe sees while an encoder trains is what the finished model gives. */
  @ParameterizedTest
  @MethodSource("settings")
  void embedsAsItDidInTraining(TrainingSettings settings) throws IOException {
    ByteBuffer views = pixels(2 * settings.batchSize(), 1);
    ByteBuffer images = pixels(8, 2);
    MemoryStore store = new MemoryStore();
    float[] probed;
    try (Trainer trainer = Trainer.create(settings.program(), settings.streams(), Device.cpu())) {
      for (long step = 0; step < settings.steps(); step++) {
        trainer.step(List.of(views.duplicate()), step, 1e-3);
      }
      probed = trainer.embed(images.duplicate());
      new Checkpoints(store).save(new Checkpoint(settings.steps(), trainer.state(), 0));
    }
    ModelExport.export(store, settings, 2, "none", Map.of(), Clock.systemUTC());
    try (FrozenEncoder frozen = FrozenEncoder.load(store, Device.cpu(), Precision.FP32)) {
      float[] expected = frozen.encode(images, 1);
      assertThat(probed).hasSameSizeAs(expected);
      assertThat(expected).isNotEqualTo(new float[expected.length]);
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < expected.length; i++) {
        difference = Math.hypot(difference, probed[i] - expected[i]);
        norm = Math.hypot(norm, expected[i]);
      }
      assertThat(difference / norm).isLessThan(1e-5);
    }
  }

  private static ByteBuffer pixels(int images, long seed) {
    byte[] pixels = new byte[images * 16 * 16 * 3];
    new Random(seed).nextBytes(pixels);
    return ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
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
