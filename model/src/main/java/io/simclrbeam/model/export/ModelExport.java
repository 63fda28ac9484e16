package io.simclrbeam.model.export;

import io.simclrbeam.model.augment.Preprocessing;
import io.simclrbeam.model.checkpoint.Checkpoint;
import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.EncoderProgram;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.TensorSpec;
import io.simclrbeam.model.train.MetricsFile;
import io.simclrbeam.model.train.MetricsLine;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Turns the last checkpoint of a run into the model that users get. */
public final class ModelExport {
  private ModelExport() {}

  /**
   * Writes {@code encoder.pt}, {@code encoder.safetensors} and then {@code model.json}.
   *
   * @param stepsPerEpoch of the run, at least 1
   * @param manifestSha256 digest of the manifest of the images
   * @param versions of the software, for the card
   * @throws IllegalStateException if the run is not finished
   */
  public static ModelCard export(
      FileStore store,
      TrainingSettings settings,
      long stepsPerEpoch,
      String manifestSha256,
      Map<String, String> versions,
      Clock clock)
      throws IOException {
    Checkpoint checkpoint = new Checkpoints(store).newest().orElseThrow();
    if (checkpoint.step() != settings.steps()) {
      throw new IllegalStateException(
          "training stands at step %d of %d".formatted(checkpoint.step(), settings.steps()));
    }
    Encoder encoder = settings.encoder();
    ScriptProgram program =
        new EncoderProgram(encoder, settings.imageSize(), settings.normalization()).write();
    Map<String, Tensor> weights = weights(program, checkpoint);
    Map<String, String> files = new LinkedHashMap<>();
    files.put(
        ModelCard.ENCODER_PT,
        write(store, ModelCard.ENCODER_PT, out -> program.write(weights, out)));
    files.put(
        ModelCard.ENCODER_SAFETENSORS,
        write(store, ModelCard.ENCODER_SAFETENSORS, out -> Safetensors.write(weights, out)));

    List<MetricsLine> metrics = MetricsFile.read(store, checkpoint.step());
    List<MetricsLine> lastEpoch =
        metrics.stream().filter(line -> line.step() > checkpoint.step() - stepsPerEpoch).toList();
    @Nullable MetricsLine probed =
        metrics.stream()
            .filter(line -> line.describeProbe().isPresent())
            .reduce((earlier, later) -> later)
            .orElse(null);
    ModelCard card =
        new ModelCard(
            FileKind.MODEL_CARD.version(),
            encoder.name(),
            settings.imageSize(),
            encoder.dimension(settings.imageSize()),
            Preprocessing.of(settings.imageSize(), settings.views().interpolation()),
            settings.normalization(),
            settings,
            checkpoint.step(),
            (double) checkpoint.step() / stepsPerEpoch,
            median(metrics, MetricsLine::imagesPerSecond),
            mean(lastEpoch, MetricsLine::loss),
            mean(lastEpoch, MetricsLine::contrastiveTop1),
            probed == null ? null : Long.valueOf(probed.step()),
            probed == null ? null : probed.probeImages(),
            probed == null ? null : probed.probeRankme(),
            probed == null ? null : probed.probeEmbeddingStd(),
            probed == null ? null : probed.probeKnnTop1(),
            manifestSha256,
            files,
            versions,
            clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    card.write(store);
    return card;
  }

  /** The encoder's tensors in torchvision's order, with BatchNorm's count of batches. */
  private static Map<String, Tensor> weights(ScriptProgram program, Checkpoint checkpoint) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (TensorSpec spec : program.tensors()) {
      Tensor tensor = checkpoint.state().get(spec.name());
      if (tensor == null) {
        throw new IllegalStateException("the checkpoint has no tensor " + spec.name());
      }
      weights.put(spec.name(), tensor);
      if (spec.name().endsWith(".running_var")) {
        weights.put(
            spec.name().replace("running_var", "num_batches_tracked"),
            Tensor.scalar(checkpoint.step()));
      }
    }
    return weights;
  }

  private static String write(FileStore store, String name, FileStore.Content content)
      throws IOException {
    return Sha256.write(
        store,
        name,
        out -> {
          BufferedOutputStream buffer = new BufferedOutputStream(out, 1 << 20);
          content.writeTo(buffer);
          buffer.flush();
        });
  }

  private static @Nullable Double mean(
      List<MetricsLine> lines, ToDoubleFunction<MetricsLine> value) {
    OptionalDouble mean = lines.stream().mapToDouble(value).average();
    return mean.isPresent() ? mean.getAsDouble() : null;
  }

  private static double median(List<MetricsLine> lines, ToDoubleFunction<MetricsLine> value) {
    double[] sorted = lines.stream().mapToDouble(value).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }
}
