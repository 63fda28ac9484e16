package io.simclrbeam.model.export;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.augment.Preprocessing;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.storage.DamagedFileException;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.storage.LocalCopy;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code model.json}: what a model is and how it came about. Written last, so a folder that has it
 * is finished.
 *
 * @param formatVersion of the file
 * @param encoder name of the network
 * @param imageSize side of its input in pixels
 * @param dimension D, the size of an embedding
 * @param preprocessing before the encoder, which does not resize; null in cards of earlier versions
 * @param normalization that the encoder applies inside
 * @param settings of the training run
 * @param steps done
 * @param epochs done, with fraction
 * @param imagesPerSecond median over the run's logged steps; 0 if there were none
 * @param finalLoss mean over the last epoch's logged steps; null if there were none
 * @param contrastiveTop1 likewise, in 0..1
 * @param probeStep step after which the encoder was probed last; null, as the following, if it
 *     never was
 * @param probeImages of which its embeddings were looked at then
 * @param probeRankme of their embeddings
 * @param probeEmbeddingStd of their normalized embeddings
 * @param probeKnnTop1 in 0..1; also null without labels
 * @param manifestSha256 digest of the manifest of the images it was trained on
 * @param files SHA-256 of each file of the model
 * @param versions of the software that made it
 * @param createdAt ISO 8601, UTC
 */
public record ModelCard(
    @JsonProperty(defaultValue = "0") int formatVersion,
    String encoder,
    int imageSize,
    int dimension,
    @Nullable Preprocessing preprocessing,
    @JsonAlias("normalisation") Normalization normalization,
    TrainingSettings settings,
    long steps,
    double epochs,
    @JsonProperty("images_per_s") double imagesPerSecond,
    @Nullable Double finalLoss,
    @Nullable Double contrastiveTop1,
    @Nullable Long probeStep,
    @Nullable Integer probeImages,
    @Nullable Double probeRankme,
    @Nullable Double probeEmbeddingStd,
    @Nullable Double probeKnnTop1,
    String manifestSha256,
    Map<String, String> files,
    Map<String, String> versions,
    String createdAt) {

  /** The archive that libtorch loads. */
  public static final String ENCODER_PT = "encoder.pt";

  /** The weights under torchvision's names. */
  public static final String ENCODER_SAFETENSORS = "encoder.safetensors";

  /** The name of the file. */
  public static final String NAME = "model.json";

  private static final String SETTINGS = "settings";
  private static final String CURE =
      "Restore it from a backup. If the folder has its checkpoints, delete model.json instead: the same 'simclr train' command then exports the model anew.";

  /** Returns the model's id: the first 12 digits of the SHA-256 of {@code encoder.pt}. */
  public String id() {
    return String.valueOf(files.get(ENCODER_PT)).substring(0, 12);
  }

  /** Returns whether a folder holds a finished model. */
  public static boolean exists(FileStore store) throws IOException {
    return store.exists(NAME);
  }

  /**
   * Reads the card of a model.
   *
   * @throws FileNotFoundException if the folder holds no finished model
   * @throws DamagedFileException if the card is damaged, or names an encoder, loss or optimizer
   *     that is not on the class path
   */
  public static ModelCard read(FileStore store) throws IOException {
    String file = store.location() + NAME;
    try (InputStream in = store.open(NAME)) {
      return Json.read(FileKind.MODEL_CARD, in, file, CURE, ModelCard::of);
    }
  }

  private static ModelCard of(ObjectNode card) throws JsonProcessingException {
    int version = card.path(FileKind.FIELD).asInt(0);
    TrainingSettings settings = TrainingSettings.read(card.path(SETTINGS), version);
    ObjectNode current = card.deepCopy().set(SETTINGS, Json.MAPPER.valueToTree(settings));
    return Json.MAPPER.treeToValue(current, ModelCard.class);
  }

  /**
   * Copies a file of the model.
   *
   * @throws DamagedFileException if it is not the one that this card vouches for
   */
  public LocalCopy copy(FileStore store, String name) throws IOException {
    LocalCopy copy = LocalCopy.of(store, name);
    String expected = String.valueOf(files.get(name));
    if (!copy.sha256().equals(expected)) {
      copy.close();
      throw new DamagedFileException(
          store.location() + name,
          "its SHA-256 is %s, but %s says %s".formatted(copy.sha256(), NAME, expected),
          CURE,
          null);
    }
    return copy;
  }

  void write(FileStore store) throws IOException {
    byte[] bytes = Json.PRETTY.writeValueAsBytes(this);
    store.write(NAME, out -> out.write(bytes));
  }
}
