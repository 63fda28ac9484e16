package io.simclrbeam.model.optimizer;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.settings.Problems;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;

/**
 * Layer-wise adaptive rate scaling (You et al., arXiv 1708.03888) as google-research/simclr has it:
 * {@code d = g + decay w; m = momentum m + rate trust d; w = w - m} with {@code trust = coefficient
 * |w| / |d|}, or 1 where either norm is 0. Tensors whose role says so (biases, BatchNorm) are
 * neither decayed nor adapted.
 *
 * @param momentum share of the last update that goes on, 0 to 1
 * @param weightDecay at least 0
 * @param trustCoefficient above 0
 * @param clipped whether {@code trust = min(coefficient |w| / |d| / rate, 1)} instead: the learning
 *     rate is then the most that a tensor learns with. This is clip_lr of solo-learn and clip of
 *     Apex' LARC, which have {@code |g| + decay |w|} for {@code |d|} and apply momentum before the
 *     rate
 */
@JsonTypeName("lars")
public record Lars(
    double momentum,
    double weightDecay,
    double trustCoefficient,
    @JsonProperty(defaultValue = "false") boolean clipped)
    implements Optimizer {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if any is out of range, with all of them
   */
  public Lars {
    new Problems()
        .unless(momentum >= 0 && momentum <= 1, "momentum must be from 0 to 1, but is %s", momentum)
        .unless(weightDecay >= 0, "weight decay must be at least 0, but is %s", weightDecay)
        .unless(
            trustCoefficient > 0, "trust coefficient must be above 0, but is %s", trustCoefficient)
        .check();
  }

  /**
   * Returns LARS with momentum 0.9 and trust coefficient 0.001, as google-research/simclr has it.
   */
  public static Lars of(double weightDecay) {
    return new Lars(0.9, weightDecay, 0.001, false);
  }

  @Override
  public void write(Update update) {
    ScriptWriter script = update.script();
    for (int i = 0; i < update.parameters().size(); i++) {
      String w = update.weight(i);
      String m = update.moment("momentum", i);
      script.run("torch.mul_(%s, %s)", m, momentum);
      if (update.parameters().get(i).role() == Role.UNREGULARIZED) {
        script.run("torch.add_(%s, %s, alpha=%s)", m, update.gradient(i), update.rate());
      } else {
        String d = script.let("torch.add(%s, %s, alpha=%s)", update.gradient(i), w, weightDecay);
        String weightNorm = script.let("torch.linalg_vector_norm(%s)", w);
        String norm = script.let("torch.linalg_vector_norm(%s)", d);
        String local =
            script.let("torch.mul(torch.div(%s, %s), %s)", weightNorm, norm, trustCoefficient);
        String ratio =
            clipped
                ? script.let("torch.clamp_max(torch.div(%s, %s), 1.)", local, update.rate())
                : local;
        String trust =
            script.let(
                "torch.where(torch.gt(torch.mul(%s, %s), 0), %s, torch.ones_like(%s))",
                weightNorm, norm, ratio, ratio);
        script.run("torch.addcmul_(%s, %s, %s, value=%s)", m, d, trust, update.rate());
      }
      script.run("torch.sub_(%s, %s)", w, m);
    }
  }
}
