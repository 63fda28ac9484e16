package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.evaluate.Probe;
import io.simclrbeam.model.storage.TfRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

final class EventFileTest {
  private static final MetricsLine PLAIN =
      new MetricsLine(3, 0.5, 4.25, 0.1, 0.3, 100, 0.01, 7, null, null, null, null);

  private static final MetricsLine PROBED =
      new MetricsLine(300, 2, 0, Double.NaN, -0.0, 50, 1e-30, 1e30, null, null, null, null)
          .with(new Probe(16, 3.5, 0.25, null));

  private static byte[] written() throws IOException {
    MemoryStore store = new MemoryStore();
    InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000));
    EventFile.write(store, List.of(PLAIN, PROBED), 10, clock);
    return store.files.firstEntry().getValue();
  }

  /** The slow, obvious twin: TensorFlow's own classes. */
  @Test
  void isWhatTensorFlowsClassesWrite() throws IOException {
    double first = 3 * 10 / 100.0;
    double last = first + 297 * 10 / 50.0;
    double start = 1_700_000_000 - last;
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    TfRecords.write(
        file,
        Event.newBuilder()
            .setWallTime(start)
            .setFileVersion("brain.Event:2")
            .build()
            .toByteArray());
    Summary.Builder plain = Summary.newBuilder();
    add(plain, "loss", 4.25f);
    add(plain, "contrastive_top1", 0.1f);
    add(plain, "learning_rate", 0.3f);
    add(plain, "images_per_s", 100);
    add(plain, "embedding_std", 0.01f);
    add(plain, "grad_norm", 7);
    TfRecords.write(file, event(start + first, 3, plain));
    Summary.Builder probed = Summary.newBuilder();
    add(probed, "loss", 0);
    add(probed, "contrastive_top1", Float.NaN);
    add(probed, "learning_rate", -0.0f);
    add(probed, "images_per_s", 50);
    add(probed, "embedding_std", 1e-30f);
    add(probed, "grad_norm", 1e30f);
    add(probed, "probe_images", 16);
    add(probed, "probe_rankme", 3.5f);
    add(probed, "probe_embedding_std", 0.25f);
    TfRecords.write(file, event(start + last, 300, probed));
    assertThat(written()).isEqualTo(file.toByteArray());
  }

  private static void add(Summary.Builder summary, String tag, float value) {
    summary.addValueBuilder().setTag(tag).setSimpleValue(value);
  }

  private static byte[] event(double time, long step, Summary.Builder summary) {
    return Event.newBuilder()
        .setWallTime(time)
        .setStep(step)
        .setSummary(summary)
        .build()
        .toByteArray();
  }

  /** Newer versions of protobuf warn of generated classes such as TensorFlow's. */
  @Test
  void printsNothing() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Writer.class, Map.of());
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).isEmpty();
  }

  /** Writes in a JVM of its own. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws IOException {
      written();
    }
  }
}
