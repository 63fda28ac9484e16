package io.simclrbeam.model.loss;

import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The variables that contrastive losses are made of: how similar each of the KN projections, as an
 * anchor, is to all others.
 *
 * @param script where statements go
 * @param unit projections of norm 1, float32 {@code [KN, D]}
 * @param image the number of the image of each row, int64 {@code [KN]}
 * @param positive whether a column is another view of the anchor's image, bool {@code [KN, KN]}
 * @param others cosine similarity divided by temperature, and -infinity for the anchor itself,
 *     float32 {@code [KN, KN]}
 * @param positives the mean of those of the anchor's positives, float32 {@code [KN]}
 */
record Similarities(
    ScriptWriter script,
    String unit,
    String image,
    String positive,
    String others,
    String positives) {
  /**
   * Writes them.
   *
   * @param z the variable with the projections, float32 {@code [KN, D]}; rows i, i + N, i + 2N and
   *     so on are the views of image i
   * @param views the K of the shapes
   */
  static Similarities write(ScriptWriter script, String z, int views, double temperature) {
    Directions directions = Directions.write(script, z, views);
    String unit = directions.unit();
    String image = directions.image();
    String rows = script.let("torch.size(%s, 0)", z);
    String images = script.let("torch.floordiv(%s, %d)", rows, views);
    String similarity =
        script.let("torch.div(torch.matmul(%s, torch.t(%s)), %s)", unit, unit, temperature);
    String self =
        script.let("torch.eye(%s, dtype=11, device=ops.prim.device(%s))", rows, similarity);
    String others = script.let("torch.masked_fill(%s, %s, float(\"-inf\"))", similarity, self);
    String positive =
        script.let(
            "torch.bitwise_xor(torch.eq(torch.unsqueeze(%s, 1), %s), %s)", image, image, self);
    return new Similarities(
        script, unit, image, positive, others, positives(script, others, images, positive, views));
  }

  private static String positives(
      ScriptWriter script, String others, String images, String positive, int views) {
    return views == 2
        ? script.let(
            "torch.cat([torch.diagonal(%s, %s), torch.diagonal(%s, torch.neg(%s))])",
            others, images, others, images)
        : script.let(
            "torch.div(torch.sum(torch.masked_fill(%s, torch.bitwise_not(%s), 0.), [1]), %d)",
            others, positive, views - 1);
  }

  /** Writes what a loss leaves, beside its own value. */
  Loss.Outputs outputs(String loss) {
    String closest = script.let("torch.index(%s, [torch.argmax(%s, 1)])", image, others);
    String top1 = script.let("torch.mean(torch.to(torch.eq(%s, %s), 6))", closest, image);
    return new Loss.Outputs(loss, top1, unit);
  }
}
