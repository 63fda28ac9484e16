package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.GivenWeights;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.storage.LocalCopy;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.train.StartingWeights;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.LocalPaths;
import io.simclrbeam.transforms.storage.StorageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The weights of {@code --init}. They are read once, when something of them is first wanted. */
final class InitFile {
  private static final Logger LOG = LoggerFactory.getLogger(InitFile.class);

  private final String name;
  private @Nullable Content content;

  private record Content(String sha256, Map<String, Tensor> tensors) {}

  /**
   * Takes a name.
   *
   * @param name of a safetensors file or of the folder of a finished model
   */
  InitFile(String name) {
    this.name = LocalPaths.absolute(name);
  }

  /** Returns the name, the same from any working folder. */
  String name() {
    return name;
  }

  /**
   * Returns what settings say of it.
   *
   * @throws JobException if it cannot be used
   */
  StartingWeights start() throws IOException {
    return new StartingWeights(name, content().sha256);
  }

  /**
   * Returns the weights of an encoder.
   *
   * @throws JobException if it cannot be used, or is of another network
   */
  GivenWeights of(Encoder encoder, int imageSize) throws IOException {
    Map<String, Tensor> tensors = content().tensors;
    try {
      return GivenWeights.of(tensors, encoder, imageSize);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          ExitCode.USAGE,
          "--init=%s does not fit --encoder=%s with images of %d pixels:%n%s%nChoose the network that it has: --encoder, for a ViT with the side of its patches, and for a ResNet --width and --stem."
              .formatted(name, encoder.name(), imageSize, e.getMessage()));
    }
  }

  /**
   * Returns the weights that a run begins with, and says so.
   *
   * @throws JobException if it is not the file any more that the settings tell of
   */
  Map<String, Tensor> begin(TrainingSettings settings) throws IOException {
    String known = Objects.requireNonNull(settings.init()).sha256();
    if (!content().sha256.equals(known)) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "--init=%s is not what it was when this run began, and there is no checkpoint to go on from: its SHA-256 is %s, but was %s. Bring the file back, or choose another --model."
              .formatted(name, content().sha256, known));
    }
    GivenWeights weights = of(settings.encoder(), settings.imageSize());
    LOG.info("The encoder begins with {}: {}.", name, weights.describe());
    return weights.tensors();
  }

  private Content content() throws IOException {
    if (content == null) {
      content = read();
    }
    return content;
  }

  private Content read() throws IOException {
    try (LocalCopy copy = copy()) {
      return new Content(copy.sha256(), Safetensors.map(copy.path()));
    } catch (StorageException e) {
      throw e;
    } catch (FileNotFoundException e) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "--init=%s is neither a file nor the folder of a finished model, with a model.json. Check the path."
              .formatted(name));
    } catch (IOException e) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "--init=%s cannot be used: %s.".formatted(name, e.getMessage()),
          e);
    }
  }

  private LocalCopy copy() throws IOException {
    int slash = name.lastIndexOf('/') + 1;
    boolean folder =
        slash == name.length()
            || (LocalPaths.isLocal(name) && Files.isDirectory(LocalPaths.of(name)));
    if (!folder) {
      try {
        return LocalCopy.of(new BeamFileStore(name.substring(0, slash)), name.substring(slash));
      } catch (FileNotFoundException e) {
        // It may be a folder elsewhere. To look below a file is an error on some file systems.
      }
    }
    BeamFileStore model = new BeamFileStore(name);
    if (!ModelCard.exists(model)) {
      throw new FileNotFoundException(name);
    }
    return ModelCard.read(model).copy(model, ModelCard.ENCODER_SAFETENSORS);
  }
}
