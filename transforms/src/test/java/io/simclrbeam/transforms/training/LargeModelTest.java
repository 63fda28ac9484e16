package io.simclrbeam.transforms.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.checkpoint.Fence;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models go from files to libtorch and back, not through the heap. */
final class LargeModelTest {
  @TempDir private Path folder;

  @Test
  void trainsAndAppliesAModelThatIsLargerThanTheHeap() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Life.class, Map.of("FOLDER", folder.toString()));
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).contains("2048 numbers");
  }

  /** All that is done with a model, from its first weights to an embedding. */
  static final class Life {
    private static final int SIZE = 32;

    private Life() {}

    public static void main(String[] args) throws Exception {
      FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
      BeamFileStore store = new BeamFileStore(System.getenv("FOLDER"));
      TrainingSettings settings =
          TestSettings.small()
              .encoder(new ResNet(ResNet.Depth.RESNET50, ResNet.Stem.CIFAR, 1, true))
              .views(AugmentSettings.simclr(SIZE))
              .batchSize(2)
              .steps(2)
              .build();
      BatchPlan plan = new BatchPlan(2, 2, RandomStreams.of(0));
      TrainingRun.initialize(store, settings);
      for (int last = 1; last <= 2; last++) {
        try (TrainingRun run =
            TrainingRun.resume(
                store,
                settings,
                plan,
                CheckpointInterval.ofSteps(1),
                last,
                Device.cpu(),
                Fence.NONE)) {
          run.step(List.of(ByteBuffer.allocateDirect(2 * 2 * SIZE * SIZE * 3)));
        }
      }
      ModelExport.export(store, settings, plan.stepsPerEpoch(), "", Map.of(), Clock.systemUTC());
      long heap = Runtime.getRuntime().maxMemory();
      long state =
          settings.program().write().initialize(RandomStreams.of(0)).values().stream()
              .mapToLong(Tensor::bytes)
              .sum();
      if (state < heap) {
        throw new IllegalStateException("%d bytes of state fit %d of heap".formatted(state, heap));
      }
      try (FrozenEncoder encoder = FrozenEncoder.load(store, Device.cpu(), Precision.FP32)) {
        float[] embedding = encoder.encode(ByteBuffer.allocateDirect(SIZE * SIZE * 3), 1);
        System.out.println(embedding.length + " numbers");
      }
    }
  }
}
