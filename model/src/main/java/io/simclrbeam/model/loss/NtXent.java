package io.simclrbeam.model.loss;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The normalized temperature-scaled cross-entropy loss of SimCLR (arXiv 2002.05709, equation 1 and
 * algorithm 1): the mean over all 2N anchors i with positive j of {@code -log(exp(s_ij / t) / sum
 * over k != i of exp(s_ik / t))}, where s is the cosine similarity.
 *
 * @param temperature the t of the paper, above 0
 */
@JsonTypeName("ntxent")
public record NtXent(double temperature) implements Loss {
  /** Keeps the norm of an all-zero projection from dividing by zero. */
  private static final double MIN_NORM = 1e-12;

  /**
   * Checks the temperature.
   *
   * @throws IllegalArgumentException if it is not above 0
   */
  public NtXent {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0, but is " + temperature);
    }
  }

  @Override
  public Outputs write(ScriptWriter script, String z) {
    String norm = script.let("torch.linalg_vector_norm(%s, 2, [1], True)", z);
    String unit = script.let("torch.div(%s, torch.clamp_min(%s, %s))", z, norm, MIN_NORM);
    String rows = script.let("torch.size(%s, 0)", z);
    String half = script.let("torch.floordiv(%s, 2)", rows);
    String similarity =
        script.let("torch.div(torch.matmul(%s, torch.t(%s)), %s)", unit, unit, temperature);
    String self =
        script.let("torch.eye(%s, dtype=11, device=ops.prim.device(%s))", rows, similarity);
    String others = script.let("torch.masked_fill(%s, %s, float(\"-inf\"))", similarity, self);
    String positives =
        script.let(
            "torch.cat([torch.diagonal(%s, %s), torch.diagonal(%s, torch.neg(%s))])",
            others, half, others, half);
    String loss =
        script.let("torch.mean(torch.sub(torch.logsumexp(%s, [1]), %s))", others, positives);
    String partner =
        script.let("torch.roll(torch.arange(%s, device=ops.prim.device(%s)), [%s])", rows, z, half);
    String top1 =
        script.let("torch.mean(torch.to(torch.eq(torch.argmax(%s, 1), %s), 6))", others, partner);
    return new Outputs(loss, top1, unit);
  }
}
