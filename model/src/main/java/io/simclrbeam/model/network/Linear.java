package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialization;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fully connected layer {@code [..., in] -> [..., out]}.
 *
 * @param weight name of its matrix {@code [out, in]}
 * @param bias name of what is added to its output {@code [out]}, or null if nothing is
 * @param in size of the input
 * @param out size of the output
 * @param initialization what its matrix starts with; the bias starts with 0
 */
public record Linear(
    String weight, @Nullable String bias, int in, int out, Initialization initialization) {

  /** Returns torch.nn.Linear's layer of a name. */
  public static Linear of(String name, int in, int out, boolean bias) {
    return new Linear(
        name + ".weight", bias ? name + ".bias" : null, in, out, Initialization.LINEAR_UNIFORM);
  }

  public List<Long> weightShape() {
    return List.of((long) out, (long) in);
  }
}
