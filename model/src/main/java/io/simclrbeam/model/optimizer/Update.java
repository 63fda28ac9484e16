package io.simclrbeam.model.optimizer;

import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.List;

/**
 * One update of all parameters.
 *
 * @param script where statements go
 * @param parameters the tensors that learn
 * @param gradients the variable with the list of their gradients, in the same order
 * @param rate the variable with the learning rate, a float
 * @param step the variable with the number of this update, a float, 1 for the first
 * @param decaysAll whether weight decay shrinks all parameters, whatever their role
 */
public record Update(
    ScriptWriter script,
    List<TensorSpec> parameters,
    String gradients,
    String rate,
    String step,
    boolean decaysAll) {

  /** A parameter as a tensor that may be changed in place while autograd records. */
  public String weight(int i) {
    return script.let("torch.detach(%s)", ScriptWriter.read(parameters.get(i).name()));
  }

  /** Returns the expression of a parameter's gradient. */
  public String gradient(int i) {
    return "%s[%d]".formatted(gradients, i);
  }

  /** Returns whether weight decay shrinks a parameter. */
  public boolean isDecayed(int i) {
    return decaysAll || parameters.get(i).role() == Role.WEIGHT;
  }

  /** A tensor shaped as a parameter, which lasts from update to update. */
  public String moment(String name, int i) {
    return script.tensor(
        "optimizer.%s.%s".formatted(name, parameters.get(i).name()),
        parameters.get(i).shape(),
        Role.OPTIMIZER,
        Initialization.ZEROS);
  }
}
