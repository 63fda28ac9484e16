package io.simclrbeam.model.loss;

import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The variables that both forms of a contrastive loss begin with.
 *
 * @param script where statements go
 * @param unit projections of norm 1, float32 {@code [KN, D]}
 * @param norm their norms before, above 0, float32 {@code [KN, 1]}
 * @param group a number that rows have in common if they are positives of each other, int64 {@code
 *     [KN]}, from 0 to below KN
 * @param views the number of rows in a group: the K of the shapes, where groups are images. 0 where
 *     they are classes, of any number
 */
record Directions(ScriptWriter script, String unit, String norm, String group, int views) {
  /** Keeps the norm of an all-zero projection from dividing by zero. */
  private static final double MIN_NORM = 1e-12;

  /**
   * Writes them for groups that are images.
   *
   * @param z the variable with the projections, float32 {@code [KN, D]}; rows i, i + N, i + 2N and
   *     so on are the views of image i
   * @param views the K of the shapes
   */
  static Directions ofImages(ScriptWriter script, String z, int views) {
    String length = script.let("torch.linalg_vector_norm(%s, 2, [1], True)", z);
    String norm = script.let("torch.clamp_min(%s, %s)", length, MIN_NORM);
    String unit = script.let("torch.div(%s, %s)", z, norm);
    String rows = script.let("torch.size(%s, 0)", z);
    String image =
        script.let(
            "torch.remainder(torch.arange(%s, device=ops.prim.device(%s)), torch.floordiv(%s, %d))",
            rows, unit, rows, views);
    return new Directions(script, unit, norm, image, views);
  }

  /** Writes them for groups that are {@link Loss#CLASSES}. */
  static Directions ofClasses(ScriptWriter script, String z, int views) {
    Directions images = ofImages(script, z, views);
    // Numbered anew, as a class may have any number.
    String numbers = script.let("(torch._unique(%s, True, True))[1]", Loss.CLASSES);
    String group = script.let("torch.index(%s, [%s])", numbers, images.group);
    return new Directions(script, images.unit, images.norm, group, 0);
  }

  /**
   * Returns what sums over the positives of a row are divided by: their number, where it is the
   * same for all rows. Else 1, and the loss weighs rows by {@link #positives}.
   */
  int divisor() {
    return views == 0 ? 1 : views - 1;
  }

  /** Writes the number of positives of each row, float32 {@code [KN, 1]}. */
  String positives() {
    return script.let("torch.sub(%s, 1)", sum(script.let("torch.ones_like(%s)", norm)));
  }

  /**
   * Writes the sum over all rows of its group for each row.
   *
   * @param x the variable with the rows, float32 {@code [KN, D]}
   */
  String sum(String x) {
    if (views == 0) {
      String none = script.let("torch.zeros_like(%s)", x);
      String sums = script.let("torch.index_add(%s, 0, %s, %s)", none, group, x);
      return script.let("torch.index(%s, [%s])", sums, group);
    }
    String byView = script.let("torch.reshape(%s, [%d, -1, torch.size(%s, 1)])", x, views, x);
    return script.let("torch.repeat(torch.sum(%s, [0]), [%d, 1])", byView, views);
  }
}
