package io.simclrbeam.model.optimizer;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.settings.Problems;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), torch.optim.AdamW's
 * arithmetic. Tensors whose role says so (biases, BatchNorm) are not decayed, as in
 * google-research/simclr.
 *
 * @param beta1 share of the mean of gradients that is kept, 0 to 1
 * @param beta2 share of the mean of squared gradients that is kept, 0 to 1
 * @param epsilon added to the root of the latter, above 0
 * @param weightDecay at least 0
 */
@JsonTypeName("adamw")
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if any is out of range, with all of them
   */
  public AdamW {
    new Problems()
        .unless(beta1 >= 0 && beta1 < 1, "beta1 must be from 0 to below 1, but is %s", beta1)
        .unless(beta2 >= 0 && beta2 < 1, "beta2 must be from 0 to below 1, but is %s", beta2)
        .unless(epsilon > 0, "epsilon must be above 0, but is %s", epsilon)
        .unless(weightDecay >= 0, "weight decay must be at least 0, but is %s", weightDecay)
        .check();
  }

  /** Returns AdamW with torch.optim's betas 0.9 and 0.999 and epsilon 1e-8. */
  public static AdamW of(double weightDecay) {
    return new AdamW(0.9, 0.999, 1e-8, weightDecay);
  }

  @Override
  public void write(Update update) {
    ScriptWriter script = update.script();
    String decay = script.let("torch.sub(1, torch.mul(%s, %s))", update.rate(), weightDecay);
    String correction1 = script.let("torch.sub(1, torch.pow(%s, %s))", beta1, update.step());
    String correction2 =
        script.let("torch.sqrt(torch.sub(1, torch.pow(%s, %s)))", beta2, update.step());
    String size = script.let("torch.neg(torch.div(%s, %s))", update.rate(), correction1);
    for (int i = 0; i < update.parameters().size(); i++) {
      String w = update.weight(i);
      String g = update.gradient(i);
      String first = update.moment("exp_avg", i);
      String second = update.moment("exp_avg_sq", i);
      if (update.isDecayed(i)) {
        script.run("torch.mul_(%s, %s)", w, decay);
      }
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
