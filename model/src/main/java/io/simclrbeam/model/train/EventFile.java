package io.simclrbeam.model.train;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.TfRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

/**
 * The metrics as scalars for TensorBoard, in {@code tensorboard/} of a model folder: a TFRecord
 * file of {@code tensorflow.Event}.
 */
final class EventFile {
  private static final String NAME = "tensorboard/events.out.tfevents.0.simclr";
  private static final String VERSION = "brain.Event:2";

  private EventFile() {}

  /**
   * Replaces the file. Of an earlier one with fewer lines it is a continuation, so TensorBoard
   * reads on where it was.
   *
   * @param batchSize images per step, from which follows when each line was logged
   */
  static void write(FileStore store, List<MetricsLine> lines, int batchSize, InstantSource clock)
      throws IOException {
    double[] seconds = new double[lines.size()];
    long step = 0;
    double sum = 0;
    for (int i = 0; i < lines.size(); i++) {
      sum += (double) (lines.get(i).step() - step) * batchSize / lines.get(i).imagesPerSecond();
      seconds[i] = sum;
      step = lines.get(i).step();
    }
    double start = clock.millis() / 1000.0 - sum;
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    TfRecords.write(
        file, Event.newBuilder().setWallTime(start).setFileVersion(VERSION).build().toByteArray());
    for (int i = 0; i < lines.size(); i++) {
      TfRecords.write(file, event(lines.get(i), start + seconds[i]).toByteArray());
    }
    store.write(NAME, file::writeTo);
  }

  private static Event event(MetricsLine line, double time) {
    Summary.Builder summary = Summary.newBuilder();
    add(summary, "loss", line.loss());
    add(summary, "contrastive_top1", line.contrastiveTop1());
    add(summary, "learning_rate", line.learningRate());
    add(summary, "images_per_s", line.imagesPerSecond());
    add(summary, "embedding_std", line.embeddingStd());
    add(summary, "grad_norm", line.gradientNorm());
    addIfThere(summary, "probe_images", line.probeImages());
    addIfThere(summary, "probe_rankme", line.probeRankme());
    addIfThere(summary, "probe_embedding_std", line.probeEmbeddingStd());
    addIfThere(summary, "probe_knn_top1", line.probeKnnTop1());
    return Event.newBuilder().setWallTime(time).setStep(line.step()).setSummary(summary).build();
  }

  private static void addIfThere(Summary.Builder summary, String tag, @Nullable Number value) {
    if (value != null) {
      add(summary, tag, value.doubleValue());
    }
  }

  private static void add(Summary.Builder summary, String tag, double value) {
    summary.addValueBuilder().setTag(tag).setSimpleValue((float) value);
  }
}
