package io.simclrbeam.model.optimizer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;

/**
 * A rule by which gradients change weights. It is an immutable record of what the user chose. Files
 * name it by its type; see {@link io.simclrbeam.model.storage.Json.Types} for optimizers of other
 * modules.
 *
 * <p>Updates are written tensor by tensor. TorchScript's dead code elimination removes in-place
 * operations on a list that the program itself makes ({@code torch._foreach_add_}), and on a CPU
 * they are loops over the tensors all the same.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(Lars.class),
  @JsonSubTypes.Type(AdamW.class),
  @JsonSubTypes.Type(Sgd.class)
})
public interface Optimizer extends Serializable {
  /** Writes the update, in place, of all parameters. */
  void write(Update update);
}
