package io.simclrbeam.model.train;

import ai.djl.Device;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.random.RandomStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Prints the largest memory that this process ever had, and the time of a step, for a batch in
 * parts: {@code BATCH_SIZE MICRO_BATCH_SIZE}. For the table in docs/training.md; Linux only.
 */
final class MicroBatchMemory {
  private MicroBatchMemory() {}

  public static void main(String[] arguments) throws IOException {
    TrainingSettings settings =
        TrainingSettings.simclr(32)
            .encoder(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 0.25, true))
            .batchSize(Integer.parseInt(arguments[0]))
            .microBatchSize(Integer.parseInt(arguments[1]))
            .build();
    List<ByteBuffer> views =
        settings.microBatches().stream()
            .map(images -> ByteBuffer.allocateDirect(images * settings.viewBytes()))
            .toList();
    try (Trainer trainer = Trainer.create(settings.program(), RandomStreams.of(1), Device.cpu())) {
      for (int step = 0; step < 2; step++) {
        long start = System.nanoTime();
        trainer.step(views, step, 0.1);
        System.out.printf("%.1f s%n", (System.nanoTime() - start) / 1e9);
      }
    }
    Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .forEach(System.out::println);
  }
}
