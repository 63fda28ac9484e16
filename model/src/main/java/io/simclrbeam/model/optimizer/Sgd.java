package io.simclrbeam.model.optimizer;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.settings.Problems;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * Stochastic gradient descent with momentum, torch.optim.SGD's arithmetic: {@code d = g + decay w;
 * m = momentum m + d; w = w - rate m}, or {@code w - rate (d + momentum m)} after Nesterov. Tensors
 * whose role says so (biases, BatchNorm) are not decayed, as in google-research/simclr.
 *
 * @param momentum share of the last direction that goes on, 0 to 1
 * @param weightDecay at least 0
 * @param nesterov whether the gradient is taken to be that of the next place
 */
@JsonTypeName("sgd")
public record Sgd(double momentum, double weightDecay, boolean nesterov) implements Optimizer {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if any is out of range, with all of them
   */
  public Sgd {
    new Problems()
        .unless(momentum >= 0 && momentum <= 1, "momentum must be from 0 to 1, but is %s", momentum)
        .unless(weightDecay >= 0, "weight decay must be at least 0, but is %s", weightDecay)
        .check();
  }

  /** Returns SGD with momentum 0.9. */
  public static Sgd of(double weightDecay, boolean nesterov) {
    return new Sgd(0.9, weightDecay, nesterov);
  }

  @Override
  public void write(Update update) {
    ScriptWriter script = update.script();
    String size = script.let("torch.neg(%s)", update.rate());
    for (int i = 0; i < update.parameters().size(); i++) {
      String w = update.weight(i);
      String m = update.moment("momentum", i);
      String g = update.gradient(i);
      String d =
          update.isDecayed(i) ? script.let("torch.add(%s, %s, alpha=%s)", g, w, weightDecay) : g;
      script.run("torch.add_(torch.mul_(%s, %s), %s)", m, momentum, d);
      String direction = nesterov ? "torch.add(%s, %s, alpha=%s)".formatted(d, m, momentum) : m;
      script.run("torch.add_(%s, %s, alpha=%s)", w, direction, size);
    }
  }
}
