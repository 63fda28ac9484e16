package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that {@code flink run} takes, as it was packaged. */
final class JobJarIT {
  private static final Path JAR = Path.of(System.getProperty("job.jar"));

  @TempDir private Path folder;

  @Test
  void flinkRunTrainsTwiceInOneTaskManager() throws Exception {
    drawImages();
    assertThat(JAR).exists();
    assertThat(Files.size(JAR)).as("all else is in lib").isLessThan(4 << 20);
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm")) {
      byte[] first = train(cluster, "first");
      assertThat(train(cluster, "second")).isEqualTo(first);

      CommandProcess wrong =
          CommandProcess.startFlinkRun(cluster, JAR, "train", "--input=/no/such/folder");
      assertThat(wrong.exitCode()).isNotZero();
      assertThat(wrong.output())
          .contains("--model=FOLDER is missing", "simclr ended with exit code 2");
      assertThat(cluster.taskManagersThere()).containsExactly("tm");
    }
  }

  private void drawImages() throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < 40; i++) {
      byte[] png = Png.encode(SampleImages.draw(i % 2, i, 24, 5));
      Files.write(images.resolve("image-%02d.png".formatted(i)), png);
    }
  }

  private byte[] train(FlinkCluster cluster, String model) throws Exception {
    CommandProcess training =
        CommandProcess.startFlinkRun(
            cluster,
            JAR,
            "train",
            "--input=" + folder.resolve("images"),
            "--model=" + folder.resolve(model),
            "--encoder=resnet18",
            "--width=0.125",
            "--imageSize=24",
            "--batchSize=16",
            "--steps=5",
            "--precision=fp32",
            "--device=cpu");
    int exitCode = training.exitCode();
    assertThat(exitCode).as(training.output()).isZero();
    return Files.readAllBytes(folder.resolve(model).resolve("encoder.safetensors"));
  }
}
