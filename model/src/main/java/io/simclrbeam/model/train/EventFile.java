package io.simclrbeam.model.train;

import com.google.protobuf.CodedOutputStream;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.TfRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metrics as scalars for TensorBoard, in {@code tensorboard/} of a model folder: a TFRecord
 * file of {@code tensorflow.Event} ({@code tensorflow/core/util/event.proto}). They are written by
 * their wire format: newer versions of protobuf warn of TensorFlow's generated classes.
 */
final class EventFile {
  private static final String NAME = "tensorboard/events.out.tfevents.0.simclr";
  private static final String VERSION = "brain.Event:2";

  /** Numbers of the fields of an event, of its summary, and of the values in this. */
  private static final int WALL_TIME = 1;

  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;

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
        file,
        message(
            event -> {
              event.writeDouble(WALL_TIME, start);
              event.writeString(FILE_VERSION, VERSION);
            }));
    for (int i = 0; i < lines.size(); i++) {
      TfRecords.write(file, event(lines.get(i), start + seconds[i]));
    }
    store.write(NAME, file::writeTo);
  }

  private static byte[] event(MetricsLine line, double time) throws IOException {
    byte[] summary =
        message(
            values -> {
              add(values, "loss", line.loss());
              add(values, "contrastive_top1", line.contrastiveTop1());
              add(values, "learning_rate", line.learningRate());
              add(values, "images_per_s", line.imagesPerSecond());
              add(values, "embedding_std", line.embeddingStd());
              add(values, "grad_norm", line.gradientNorm());
              add(values, "probe_images", line.probeImages());
              add(values, "probe_rankme", line.probeRankme());
              add(values, "probe_embedding_std", line.probeEmbeddingStd());
              add(values, "probe_knn_top1", line.probeKnnTop1());
            });
    return message(
        event -> {
          event.writeDouble(WALL_TIME, time);
          event.writeInt64(STEP, line.step());
          event.writeByteArray(SUMMARY, summary);
        });
  }

  /** Adds a value to a summary, if it is there. */
  private static void add(CodedOutputStream summary, String tag, @Nullable Number value)
      throws IOException {
    if (value != null) {
      summary.writeByteArray(
          VALUE,
          message(
              fields -> {
                fields.writeString(TAG, tag);
                fields.writeFloat(SIMPLE_VALUE, value.floatValue());
              }));
    }
  }

  private interface Fields {
    void write(CodedOutputStream message) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream message = CodedOutputStream.newInstance(bytes);
    fields.write(message);
    message.flush();
    return bytes.toByteArray();
  }
}
