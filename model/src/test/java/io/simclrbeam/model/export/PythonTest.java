package io.simclrbeam.model.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.InferenceTransform;
import io.simclrbeam.model.augment.Interpolation;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.encoder.VisionTransformer;
import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.sample.SampleImages;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users of Python get is what Java computes; skipped where there is no Python with torch. */
final class PythonTest {
  private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");
  private static final int SIZE = 64;
  private static final int COUNT = 2;

  @TempDir private Path folder;

  static List<Encoder> encoders() {
    return List.of(
        new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.IMAGENET, 1, true),
        new VisionTransformer(VisionTransformer.Scale.TI, 16, false));
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void pythonLoadsBothFilesAndComputesTheSame(Encoder network) throws Exception {
    String python = python();
    assumeTrue(!python.isEmpty(), "no Python with torch and torchvision here");

    TrainingSettings settings =
        TestSettings.small()
            .encoder(network)
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
    String[] values =
        output(python, "load_model.py", ".", "pixels", "" + SIZE, "" + COUNT, network.name())
            .split("\\s+", -1);
    assertThat(values).hasSizeGreaterThanOrEqualTo(2 * expected.length);
    for (int i = 0; i < 2 * expected.length; i++) {
      double value = expected[i % expected.length];
      assertThat(Double.parseDouble(values[i]))
          .isCloseTo(value, within(1e-3 * (1 + Math.abs(value))));
    }
  }

  /**
   * The program is that of the page; below and above 64 pixels other things are done to pictures.
   */
  @ParameterizedTest
  @ValueSource(ints = {48, 96})
  void theProgramOfThePageMakesOfAFileTheVectorOfJava(int size) throws Exception {
    String python = python();
    assumeTrue(!python.isEmpty(), "no Python with torch and torchvision here");
    String page = Files.readString(Path.of("../docs/library.md"));
    int end = page.indexOf("```", page.indexOf("preprocessing\"]"));
    String program = page.substring(page.lastIndexOf("```python\n", end) + 10, end);
    assertThat(program).contains("/data/model", "/data/photos/cat.jpg", "torch.no_grad()");

    TrainingSettings settings =
        TestSettings.small().views(AugmentSettings.simclr(size)).batchSize(2).steps(0).build();
    MemoryStore model = new MemoryStore();
    TrainingRun.initialize(model, settings);
    ModelExport.export(model, settings, 1, "none", Map.of(), Clock.systemUTC());
    for (String name : List.of(ModelCard.ENCODER_PT, "model.json")) {
      Files.write(folder.resolve(name), model.files.get(name));
    }
    RgbImage image = SampleImages.draw(3, 5, 157, 2);
    RgbImage wide = new RgbImage(157, 101, image.pixels());
    Files.write(folder.resolve("cat.png"), Png.encode(wide));
    byte[] view = new byte[AugmentSettings.viewBytes(size)];
    new InferenceTransform(size, Interpolation.BILINEAR).apply(wide, view, 0);
    float[] expected;
    try (FrozenEncoder encoder = FrozenEncoder.load(model, Device.cpu(), Precision.FP32)) {
      expected = encoder.encode(ByteBuffer.allocateDirect(view.length).put(view).flip(), 1);
    }

    Files.writeString(
        folder.resolve("page.py"),
        program
                .replace("/data/model", folder.toString())
                .replace("/data/photos/cat.jpg", folder.resolve("cat.png").toString())
            + "print(*vector.tolist())\n");
    String[] values = output(python, "page.py").strip().split(" ", -1);

    assertThat(values).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Float.parseFloat(values[i])).isCloseTo(expected[i], within(1e-3f));
    }
  }

  private String output(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(Files.readString(folder.resolve("errors"))).isZero();
    return output;
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
          new ProcessBuilder(python, "-c", "import torch, torchvision, numpy, PIL")
              .redirectErrorStream(true)
              .start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    }
  }
}
