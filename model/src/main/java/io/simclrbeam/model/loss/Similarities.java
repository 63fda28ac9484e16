package io.simclrbeam.model.loss;

import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The variables that contrastive losses are made of: how similar each of the KN projections, as an
 * anchor, is to all others.
 *
 * @param directions of the projections
 * @param positive whether a column is a positive of the anchor, bool {@code [KN, KN]}
 * @param others cosine similarity divided by temperature, and -infinity for the anchor itself,
 *     float32 {@code [KN, KN]}
 * @param positives the sum of those of the anchor's positives, divided by {@link
 *     Directions#divisor}, float32 {@code [KN]}
 */
record Similarities(Directions directions, String positive, String others, String positives) {
  /** Writes them. */
  static Similarities write(Directions directions, double temperature) {
    ScriptWriter script = directions.script();
    String unit = directions.unit();
    String group = directions.group();
    String rows = script.let("torch.size(%s, 0)", unit);
    String similarity =
        script.let("torch.div(torch.matmul(%s, torch.t(%s)), %s)", unit, unit, temperature);
    String self =
        script.let("torch.eye(%s, dtype=11, device=ops.prim.device(%s))", rows, similarity);
    String others = script.let("torch.masked_fill(%s, %s, float(\"-inf\"))", similarity, self);
    String positive =
        script.let(
            "torch.bitwise_xor(torch.eq(torch.unsqueeze(%s, 1), %s), %s)", group, group, self);
    return new Similarities(directions, positive, others, positives(directions, others, positive));
  }

  private static String positives(Directions directions, String others, String positive) {
    ScriptWriter script = directions.script();
    if (directions.views() == 2) {
      String images = script.let("torch.floordiv(torch.size(%s, 0), 2)", others);
      return script.let(
          "torch.cat([torch.diagonal(%s, %s), torch.diagonal(%s, torch.neg(%s))])",
          others, images, others, images);
    }
    return script.let(
        "torch.div(torch.sum(torch.masked_fill(%s, torch.bitwise_not(%s), 0.), [1]), %d)",
        others, positive, directions.divisor());
  }

  /** Writes what a loss leaves, beside its own value. */
  Loss.Outputs outputs(String loss) {
    ScriptWriter script = directions.script();
    String group = directions.group();
    String closest = script.let("torch.index(%s, [torch.argmax(%s, 1)])", group, others);
    String top1 = script.let("torch.mean(torch.to(torch.eq(%s, %s), 6))", closest, group);
    return new Loss.Outputs(loss, top1, directions.unit());
  }
}
