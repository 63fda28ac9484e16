package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.simclrbeam.model.encoder.VisionTransformer;
import io.simclrbeam.model.loss.Dcl;
import io.simclrbeam.model.loss.SupCon;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A batch whose parts hold the same images has the same BatchNorm in each as in the whole. */
final class MicroBatchesTest {
  private static final int PARTS = 3;

  static Stream<TrainingSettings> settings() {
    TrainingSettings.Builder builder =
        TestSettings.small().optimizer(Sgd.of(0, false)).batchSize(12).microBatchSize(4);
    return Stream.of(
        builder.build(),
        builder.loss(new SupCon(0.2)).build(),
        builder.viewsPerImage(3).loss(new Dcl(0.2, true)).build(),
        builder.encoder(new VisionTransformer(VisionTransformer.Scale.TI, 8, true)).build());
  }

  /** SGD's first update is the gradient. */
  @ParameterizedTest
  @MethodSource("settings")
  void theGradientIsThatOfTheWholeBatch(TrainingSettings settings) throws IOException {
    Map<String, Tensor> start = settings.program().write().initialize(RandomStreams.of(1));
    byte[] part = new byte[4 * settings.viewBytes()];
    new Random(5).nextBytes(part);
    ByteBuffer whole = ByteBuffer.allocateDirect(PARTS * part.length);
    for (int i = 0; i < PARTS; i++) {
      whole.put(part);
    }
    State once = State.after(settings, start, List.of(whole.flip()));
    State inParts = State.after(settings, start, parts(settings, whole.duplicate()));
    assertThat(inParts.statistics.loss()).isCloseTo(once.statistics.loss(), within(1e-5));
    assertThat(inParts.statistics.embeddingStd())
        .isCloseTo(once.statistics.embeddingStd(), within(1e-5));
    assertThat(inParts.statistics.gradientNorm())
        .isCloseTo(once.statistics.gradientNorm(), within(1e-3 * once.statistics.gradientNorm()));
    once.tensors.forEach(
        (name, expected) -> {
          float[] actual = inParts.tensors.get(name);
          float[] from = start.get(name).toFloats();
          // The variance of few values is scaled up by more: n / (n - 1).
          float tolerance = name.endsWith("running_var") ? 0.02f : 1e-3f;
          double difference = 0;
          double change = 0;
          for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(actual[i] - expected[i], 2);
            change += Math.pow(expected[i] - from[i], 2);
          }
          assertThat(Math.sqrt(difference))
              .as(name)
              .isLessThanOrEqualTo(tolerance * Math.sqrt(change) + 1e-6);
        });
  }

  /** Each part is its own in BatchNorm, and the running statistics take the mean of them. */
  @Test
  void runningStatisticsMoveOnceToTheMeanOfTheParts() throws IOException {
    TrainingSettings settings = settings().toList().get(0).toBuilder().batchSize(11).build();
    assertThat(settings.microBatches()).containsExactly(3, 4, 4);
    Map<String, Tensor> start = settings.program().write().initialize(RandomStreams.of(1));
    ByteBuffer whole = ByteBuffer.allocateDirect(11 * settings.viewBytes());
    byte[] pixels = new byte[whole.capacity()];
    new Random(6).nextBytes(pixels);
    whole.put(pixels).flip();
    float[] actual =
        State.after(settings, start, parts(settings, whole.duplicate()))
            .tensors
            .get("bn1.running_mean");
    float[] expected = new float[actual.length];
    for (ByteBuffer part : parts(settings, whole.duplicate())) {
      float share = part.remaining() / (float) whole.capacity();
      float[] own = State.after(settings, start, List.of(part)).tensors.get("bn1.running_mean");
      for (int i = 0; i < own.length; i++) {
        expected[i] += share * own[i];
      }
    }
    assertThat(actual).containsExactly(expected, within(1e-6f));
  }

  @Test
  void aLossThatReadsClassesAsksForOneOfEachImage() throws IOException {
    TrainingSettings settings = TestSettings.small().loss(new SupCon(0.2)).build();
    ByteBuffer views = ByteBuffer.allocateDirect(3 * settings.viewBytes());
    try (Trainer trainer = Trainer.create(settings.program(), RandomStreams.of(1), Device.cpu())) {
      assertThatThrownBy(() -> trainer.step(List.of(views), 0, 0.1))
          .hasMessage("a supervised loss needs the class of each of 3 images, but there are 0");
    }
  }

  @Test
  void partsAreAsFewAsFitAndOfEqualSize() {
    TrainingSettings.Builder builder = TestSettings.small().batchSize(100);
    assertThat(builder.build().microBatches()).containsExactly(100);
    assertThat(builder.microBatchSize(100).build().microBatches()).containsExactly(100);
    assertThat(builder.microBatchSize(1000).build().microBatches()).containsExactly(100);
    assertThat(builder.microBatchSize(99).build().microBatches()).containsExactly(50, 50);
    assertThat(builder.microBatchSize(30).build().microBatches()).containsExactly(25, 25, 25, 25);
  }

  private static List<ByteBuffer> parts(TrainingSettings settings, ByteBuffer whole) {
    return settings.microBatches().stream()
        .map(
            images -> {
              int bytes = images * settings.viewBytes();
              ByteBuffer part = whole.slice(whole.position(), bytes);
              whole.position(whole.position() + bytes);
              return part;
            })
        .toList();
  }

  /** What a step of learning rate 1 leaves. */
  private record State(StepStatistics statistics, Map<String, float[]> tensors) {
    static State after(TrainingSettings settings, Map<String, Tensor> start, List<ByteBuffer> views)
        throws IOException {
      try (Trainer trainer = Trainer.restore(settings.program(), start, Device.cpu())) {
        int images = views.stream().mapToInt(Buffer::remaining).sum() / settings.viewBytes();
        long[] classes = LongStream.range(0, images).map(i -> i * i % 5).toArray();
        StepStatistics statistics = trainer.step(views, classes, 0, 1.0);
        Map<String, float[]> tensors = new TreeMap<>();
        trainer.state().forEach((name, tensor) -> tensors.put(name, tensor.toFloats()));
        return new State(statistics, tensors);
      }
    }
  }
}
