package io.simclrbeam.model.encoder;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.tensor.Tensor;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * A network from images to representations, the f of the SimCLR paper. It is an immutable record of
 * what the user chose, and writes its forward pass in {@link Layers}. Files name it by its type;
 * see {@link io.simclrbeam.model.storage.Json.Types} for encoders of other modules.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(ResNet.class),
  @JsonSubTypes.Type(VisionTransformer.class),
  @JsonSubTypes.Type(Pixels.class)
})
public interface Encoder extends Serializable {
  /** Returns its name, such as {@code resnet18}. */
  String name();

  /**
   * Returns why images of a size cannot be encoded; empty if they can.
   *
   * @param imageSize side of the image in pixels
   */
  default Optional<String> problem(int imageSize) {
    return Optional.empty();
  }

  /**
   * Returns D, the size of a representation.
   *
   * @param imageSize side of the image in pixels
   */
  int dimension(int imageSize);

  /**
   * Returns the largest number of values that the forward pass of one image holds at the same time.
   *
   * @param imageSize side of the image in pixels
   */
  long activations(int imageSize);

  /**
   * Returns what this network calls a tensor that files of others call otherwise; see {@link
   * GivenWeights}. A tensor that it lacks, and without which it would compute something else, gets
   * a name that begins as those of its own do.
   */
  default String translate(String name) {
    return name;
  }

  /**
   * Returns a tensor of a file as this network can have it, although its shape is another; empty if
   * it cannot. Without more said, no tensor can.
   *
   * @param name as this network calls it
   * @param given float32 of another shape
   * @param shape as this network has it
   */
  default Optional<Tensor> reshape(String name, Tensor given, List<Long> shape) {
    return Optional.empty();
  }

  /**
   * Writes the forward pass.
   *
   * @param layers where it is written
   * @param images the variable with normalized images {@code [N, 3, H, W]}, channels-last
   * @param imageSize H and W in pixels
   * @return the variable with the representations h, float32 {@code [N, D]}
   */
  String write(Layers layers, String images, int imageSize);
}
