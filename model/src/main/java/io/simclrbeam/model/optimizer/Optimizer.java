package io.simclrbeam.model.optimizer;

import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.List;

/**
 * A rule by which gradients change weights.
 *
 * <p>Updates are written tensor by tensor: TorchScript's dead code elimination takes in-place
 * operations on a list that the program itself made ({@code torch._foreach_add_}) for useless, and
 * on a CPU they are loops over the tensors all the same.
 */
public sealed interface Optimizer {
  /** Returns its name, such as {@code lars}. */
  String name();

  /** Writes the update, in place, of all parameters. */
  void write(Update update);

  /**
   * Layer-wise adaptive rate scaling (You et al., arXiv 1708.03888) as google-research/simclr has
   * it: {@code d = g + decay w; m = momentum m + rate trust d; w = w - m} with {@code trust =
   * coefficient |w| / |d|}, or 1 where either norm is 0. Tensors of one axis (biases, BatchNorm)
   * are neither decayed nor adapted.
   */
  record Lars(double momentum, double weightDecay, double trustCoefficient) implements Optimizer {
    @Override
    public String name() {
      return "lars";
    }

    @Override
    public void write(Update update) {
      ScriptWriter script = update.script;
      for (int i = 0; i < update.parameters.size(); i++) {
        String w = update.weight(i);
        String m = update.moment("momentum", i);
        script.run("torch.mul_(%s, %s)", m, momentum);
        if (update.parameters.get(i).shape().size() == 1) {
          script.run("torch.add_(%s, %s, alpha=%s)", m, update.gradient(i), update.rate);
        } else {
          String d = script.let("torch.add(%s, %s, alpha=%s)", update.gradient(i), w, weightDecay);
          String weightNorm = script.let("torch.linalg_vector_norm(%s)", w);
          String norm = script.let("torch.linalg_vector_norm(%s)", d);
          String ratio =
              script.let("torch.mul(torch.div(%s, %s), %s)", weightNorm, norm, trustCoefficient);
          String trust =
              script.let(
                  "torch.where(torch.gt(torch.mul(%s, %s), 0), %s, torch.ones_like(%s))",
                  weightNorm, norm, ratio, ratio);
          script.run("torch.addcmul_(%s, %s, %s, value=%s)", m, d, trust, update.rate);
        }
        script.run("torch.sub_(%s, %s)", w, m);
      }
    }
  }

  /**
   * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), torch.optim.AdamW's
   * arithmetic.
   */
  record AdamW(double beta1, double beta2, double epsilon, double weightDecay)
      implements Optimizer {
    @Override
    public String name() {
      return "adamw";
    }

    @Override
    public void write(Update update) {
      ScriptWriter script = update.script;
      String decay = script.let("torch.sub(1, torch.mul(%s, %s))", update.rate, weightDecay);
      String correction1 = script.let("torch.sub(1, torch.pow(%s, %s))", beta1, update.step);
      String correction2 =
          script.let("torch.sqrt(torch.sub(1, torch.pow(%s, %s)))", beta2, update.step);
      String size = script.let("torch.neg(torch.div(%s, %s))", update.rate, correction1);
      for (int i = 0; i < update.parameters.size(); i++) {
        String w = update.weight(i);
        String g = update.gradient(i);
        String first = update.moment("exp_avg", i);
        String second = update.moment("exp_avg_sq", i);
        script.run("torch.mul_(%s, %s)", w, decay);
        script.run("torch.lerp_(%s, %s, %s)", first, g, 1 - beta1);
        script.run(
            "torch.addcmul_(torch.mul_(%s, %s), %s, %s, value=%s)", second, beta2, g, g, 1 - beta2);
        String denominator =
            script.let(
                "torch.add_(torch.div_(torch.sqrt(%s), %s), %s)", second, correction2, epsilon);
        script.run("torch.addcdiv_(%s, %s, %s, value=%s)", w, first, denominator, size);
      }
    }
  }

  /**
   * Stochastic gradient descent with momentum, torch.optim.SGD's arithmetic: {@code d = g + decay
   * w; m = momentum m + d; w = w - rate m}, or {@code w - rate (d + momentum m)} after Nesterov.
   */
  record Sgd(double momentum, double weightDecay, boolean nesterov) implements Optimizer {
    @Override
    public String name() {
      return "sgd";
    }

    @Override
    public void write(Update update) {
      ScriptWriter script = update.script;
      String size = script.let("torch.neg(%s)", update.rate);
      for (int i = 0; i < update.parameters.size(); i++) {
        String w = update.weight(i);
        String m = update.moment("momentum", i);
        String d = script.let("torch.add(%s, %s, alpha=%s)", update.gradient(i), w, weightDecay);
        script.run("torch.add_(torch.mul_(%s, %s), %s)", m, momentum, d);
        String direction = nesterov ? "torch.add(%s, %s, alpha=%s)".formatted(d, m, momentum) : m;
        script.run("torch.add_(%s, %s, alpha=%s)", w, direction, size);
      }
    }
  }

  /**
   * One update of all parameters.
   *
   * @param script where statements go
   * @param parameters the tensors that learn
   * @param gradients the variable with the list of their gradients, in the same order
   * @param rate the variable with the learning rate, a float
   * @param step the variable with the number of this update, a float, 1 for the first
   */
  public record Update(
      ScriptWriter script,
      List<TensorSpec> parameters,
      String gradients,
      String rate,
      String step) {

    /** A parameter as a tensor that may be changed in place while autograd records. */
    private String weight(int i) {
      return script.let("torch.detach(%s)", ScriptWriter.read(parameters.get(i).name()));
    }

    private String gradient(int i) {
      return "%s[%d]".formatted(gradients, i);
    }

    /** A tensor shaped as a parameter, which lasts from update to update. */
    private String moment(String name, int i) {
      return script.tensor(
          "optimizer.%s.%s".formatted(name, parameters.get(i).name()),
          parameters.get(i).shape(),
          Role.OPTIMIZER,
          Initialization.ZEROS);
    }
  }
}
