package io.simclrbeam.model.loss;

import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The variables that contrastive losses are made of: how similar each of the 2N projections, as an
 * anchor, is to all others.
 *
 * @param script where statements go
 * @param unit projections of norm 1, float32 {@code [2N, D]}
 * @param half the number N of images
 * @param self whether a column is the anchor itself, bool {@code [2N, 2N]}
 * @param others cosine similarity divided by temperature, and -infinity for the anchor itself,
 *     float32 {@code [2N, 2N]}
 * @param positives those of the positives, float32 {@code [2N]}
 */
record Similarities(
    ScriptWriter script, String unit, String half, String self, String others, String positives) {
  /** Keeps the norm of an all-zero projection from dividing by zero. */
  private static final double MIN_NORM = 1e-12;

  /**
   * Writes them.
   *
   * @param z the variable with the projections, float32 {@code [2N, D]}; rows i and i + N are the
   *     two views of image i
   */
  static Similarities write(ScriptWriter script, String z, double temperature) {
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
    return new Similarities(script, unit, half, self, others, positives);
  }

  /** Writes what a loss leaves, beside its own value. */
  Loss.Outputs outputs(String loss) {
    String partner =
        script.let(
            "torch.roll(torch.arange(torch.size(%s, 0), device=ops.prim.device(%s)), [%s])",
            unit, unit, half);
    String top1 =
        script.let("torch.mean(torch.to(torch.eq(torch.argmax(%s, 1), %s), 6))", others, partner);
    return new Loss.Outputs(loss, top1, unit);
  }
}
