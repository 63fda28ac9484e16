package io.simclrbeam.model.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users of Python get is what Java computes; skipped where there is no Python with torch. */
final class PythonTest {
  private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");
  private static final int SIZE = 64;
  private static final int COUNT = 2;

  @TempDir private Path folder;

  @Test
  void pythonLoadsBothFilesAndComputesTheSame() throws Exception {
    String python = python();
    assumeTrue(!python.isEmpty(), "no Python with torch and torchvision here");

    TrainingSettings settings =
        TestSettings.small()
            .encoder(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.IMAGENET, 1, true))
            .views(AugmentSettings.simclr(SIZE))
            .batchSize(2)
            .steps(0)
            .build();
    MemoryStore model = new MemoryStore();
    TrainingRun.initialize(model, settings);
    ModelExport.export(model, settings, 1, "none", Map.of(), Clock.systemUTC());
    for (String name : List.of(ModelCard.ENCODER_PT, ModelCard.ENCODER_SAFETENSORS)) {
      Files.write(folder.resolve(name), model.files.get(name));
    }
    byte[] pixels = new byte[COUNT * SIZE * SIZE * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) SeededRandom.of(i / 50).nextInt(256);
    }
    Files.write(folder.resolve("pixels"), pixels);
    try (InputStream script = PythonTest.class.getResourceAsStream("/python/load_model.py")) {
      Files.copy(Objects.requireNonNull(script), folder.resolve("load_model.py"));
    }

    float[] expected;
    try (FrozenEncoder encoder = FrozenEncoder.load(model, Device.cpu(), Precision.FP32)) {
      expected = encoder.encode(ByteBuffer.allocateDirect(pixels.length).put(pixels).flip(), 1);
    }
    Process process =
        new ProcessBuilder(
                python, "load_model.py", ".", "pixels", String.valueOf(SIZE), String.valueOf(COUNT))
            .directory(folder.toFile())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    String[] values = new String(process.getInputStream().readAllBytes(), UTF_8).split("\\s+", -1);
    assertThat(process.waitFor()).as(Files.readString(folder.resolve("errors"))).isZero();
    assertThat(values).hasSizeGreaterThanOrEqualTo(2 * expected.length);
    for (int i = 0; i < 2 * expected.length; i++) {
      double value = expected[i % expected.length];
      assertThat(Double.parseDouble(values[i])).isCloseTo(value, within(1e-3 * (1 + value)));
    }
  }

  private static String python() throws InterruptedException {
    for (String python : PYTHONS) {
      if (hasTorch(python)) {
        return python;
      }
    }
    return "";
  }

  private static boolean hasTorch(String python) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import torch, torchvision, numpy")
              .redirectErrorStream(true)
              .start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    }
  }
}
