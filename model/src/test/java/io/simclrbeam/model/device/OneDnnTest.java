package io.simclrbeam.model.device;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.Trainer;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OneDnnTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "GenuineIntel, false, true",
    "GenuineIntel, true, true",
    "AuthenticAMD, false, false",
    "AuthenticAMD, true, true",
    "HygonGenuine, false, false"
  })
  void anAmdProcessorMustTellItsCaches(String vendor, boolean tells, boolean sound)
      throws IOException {
    Path processor = folder.resolve("cpuinfo");
    Files.writeString(processor, "vendor_id\t: %s\n".formatted(vendor));
    if (tells) {
      Files.createDirectories(folder.resolve("cache/index0"));
    }
    assertThat(OneDnn.isSound(processor, folder.resolve("cache"))).isEqualTo(sound);
    assertThat(OneDnn.isSound(folder.resolve("none"), folder)).isTrue();
  }

  /** ResNet-50's shapes are those that oneDNN divides by zero for where caches are hidden. */
  @Test
  void theLargeConvolutionsOfResNet50AreComputedOnAnyMachine() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Step.class, Map.of());
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).contains("finite: true").doesNotContain("NNPACK");
  }

  /** One step, in a process of its own. */
  static final class Step {
    private Step() {}

    public static void main(String[] args) throws IOException {
      TrainingSettings settings =
          TestSettings.small()
              .encoder(new ResNet(ResNet.Depth.RESNET50, ResNet.Stem.CIFAR, 1, true))
              .batchSize(8)
              .build();
      try (Trainer trainer =
          Trainer.create(settings.program(), RandomStreams.of(1), Device.cpu())) {
        ByteBuffer views = ByteBuffer.allocateDirect(8 * settings.viewBytes());
        System.out.println("finite: " + trainer.step(List.of(views), 0, 0.1).isFinite());
      }
    }
  }
}
