package io.simclrbeam.model.loss;

import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The variables that both forms of a contrastive loss begin with.
 *
 * @param unit projections of norm 1, float32 {@code [KN, D]}
 * @param norm their norms before, above 0, float32 {@code [KN, 1]}
 * @param image the number of the image of each row, int64 {@code [KN]}
 */
record Directions(String unit, String norm, String image) {
  /** Keeps the norm of an all-zero projection from dividing by zero. */
  private static final double MIN_NORM = 1e-12;

  /**
   * Writes them.
   *
   * @param z the variable with the projections, float32 {@code [KN, D]}; rows i, i + N, i + 2N and
   *     so on are the views of image i
   * @param views the K of the shapes
   */
  static Directions write(ScriptWriter script, String z, int views) {
    String length = script.let("torch.linalg_vector_norm(%s, 2, [1], True)", z);
    String norm = script.let("torch.clamp_min(%s, %s)", length, MIN_NORM);
    String unit = script.let("torch.div(%s, %s)", z, norm);
    String rows = script.let("torch.size(%s, 0)", z);
    String image =
        script.let(
            "torch.remainder(torch.arange(%s, device=ops.prim.device(%s)), torch.floordiv(%s, %d))",
            rows, unit, rows, views);
    return new Directions(unit, norm, image);
  }
}
