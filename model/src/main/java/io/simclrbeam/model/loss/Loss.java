package io.simclrbeam.model.loss;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.io.Serializable;

/**
 * What training minimizes: a function of the projections of both views of all images. It is an
 * immutable record of what the user chose. Files name it by its type; see {@link
 * io.simclrbeam.model.storage.Json.Types} for losses of other modules.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(NtXent.class), @JsonSubTypes.Type(Dcl.class)})
public interface Loss extends Serializable {
  /**
   * The variables that a loss leaves.
   *
   * @param loss what is minimized, float32 {@code []}
   * @param contrastiveTop1 the share of anchors whose most similar other view is their positive,
   *     float32 {@code []}
   * @param normalized projections of norm 1, float32 {@code [2N, D]}
   */
  record Outputs(String loss, String contrastiveTop1, String normalized) {}

  /**
   * Writes the loss.
   *
   * @param z the variable with the projections, float32 {@code [2N, D]}; rows i and i + N are the
   *     two views of image i
   */
  Outputs write(ScriptWriter script, String z);
}
