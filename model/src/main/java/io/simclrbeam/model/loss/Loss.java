package io.simclrbeam.model.loss;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.io.Serializable;

/**
 * What training minimizes: a function of the projections of all K views of all N images. It is an
 * immutable record of what the user chose. Files name it by its type; see {@link
 * io.simclrbeam.model.storage.Json.Types} for losses of other modules.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(NtXent.class),
  @JsonSubTypes.Type(Dcl.class),
  @JsonSubTypes.Type(SupCon.class)
})
public interface Loss extends Serializable {
  /**
   * The variable with the class of each image, int64 {@code [N]}, that is there for a supervised
   * loss. Images of equal numbers are of one class.
   */
  String CLASSES = "classes";

  /**
   * The variables that a loss leaves.
   *
   * @param loss what is minimized, float32 {@code []}
   * @param contrastiveTop1 the share of anchors whose most similar other view is a positive: of the
   *     same image, or with a supervised loss of the same class; float32 {@code []}
   * @param normalized projections of norm 1, float32 {@code [KN, D]}
   */
  record Outputs(String loss, String contrastiveTop1, String normalized) {}

  /**
   * The same, with the gradient.
   *
   * @param outputs what {@link #write} leaves
   * @param atZ the gradient of the loss at z, float32 {@code [KN, D]}
   */
  record Gradient(Outputs outputs, String atZ) {}

  /** Returns whether the loss reads {@link #CLASSES}, and so needs images with labels. */
  default boolean readsClasses() {
    return false;
  }

  /**
   * Writes the loss.
   *
   * @param z the variable with the projections, float32 {@code [KN, D]}; rows i, i + N, i + 2N and
   *     so on are the views of image i
   * @param views the K of the shapes, at least 2
   */
  Outputs write(ScriptWriter script, String z, int views);

  /**
   * Writes the loss and its gradient for batches of any size. A loss of all pairs of rows does
   * better to write it in tiles than to leave it to autograd, as here: that holds several matrices
   * {@code [KN, KN]}.
   *
   * @param z a variable as that of {@link #write}, without a record for gradients
   */
  default Gradient writeGradient(ScriptWriter script, String z, int views) {
    return byAutograd(script, z, views);
  }

  /** Writes what {@link #writeGradient} does, with the gradient by autograd for every loss. */
  default Gradient byAutograd(ScriptWriter script, String z, int views) {
    String leaf = script.let("torch.requires_grad_(torch.clone(%s), True)", z);
    Outputs outputs = write(script, leaf, views);
    String gradients =
        script.let("unchecked_cast(List[Tensor], torch.grad([%s], [%s]))", outputs.loss, leaf);
    return new Gradient(outputs, script.let("%s[0]", gradients));
  }
}
