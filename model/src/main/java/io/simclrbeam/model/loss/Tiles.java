package io.simclrbeam.model.loss;

import com.google.errorprone.annotations.FormatMethod;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * Contrastive losses and their gradients in the memory of a few rows: the matrix of all
 * similarities is made some anchors at a time, used for both, and dropped (after Cheng et al.,
 * arXiv 2410.17243). Gradients are closed forms, so nothing is kept for autograd. With u the
 * projections of norm 1, P the positives of anchor i, c the {@link Directions#divisor}, and k
 * running over the anchor's denominator, the loss is the mean over i of
 *
 * <pre>{@code
 * log(sum over k of exp(u_i . u_k / t)) - w_i / c * (sum over j in P of u_i . u_j / t)
 * }</pre>
 *
 * @param directions u, with the norms before and the groups
 * @param alike the sum of the anchor's positives, float32 {@code [KN, D]}
 * @param positives the sum of the similarities to the positives, divided by c and temperature,
 *     float32 {@code [KN]}
 * @param temperature the t above
 */
record Tiles(Directions directions, String alike, String positives, double temperature) {

  /** Elements of a tile: 16 MB as float32, of which there are about five. */
  private static final int TILE = 1 << 22;

  /** Writes what all rows have. */
  static Tiles write(Directions directions, double temperature) {
    ScriptWriter script = directions.script();
    String unit = directions.unit();
    String alike = script.let("torch.sub(%s, %s)", directions.sum(unit), unit);
    String positives =
        script.let(
            "torch.div(torch.sum(torch.mul(%s, %s), [1]), %s)",
            unit, alike, temperature * directions.divisor());
    return new Tiles(directions, alike, positives, temperature);
  }

  /**
   * Writes the loss with its gradient.
   *
   * @param weights the variable w, float32 {@code [KN, 1]}; no gradient goes through it
   * @param decoupled whether positives are left out of the denominator
   */
  Loss.Gradient gradient(String weights, boolean decoupled) {
    ScriptWriter script = directions.script();
    String unit = directions.unit();
    String group = directions.group();
    String rows = script.let("torch.size(%s, 0)", unit);
    String number = script.let("torch.arange(%s, device=ops.prim.device(%s))", rows, unit);
    String tile =
        script.let("torch.floordiv(torch.add(%d, torch.sub(%s, 1)), %s)", TILE, rows, rows);
    String tiles =
        script.let("torch.floordiv(torch.sub(torch.add(%s, %s), 1), %s)", rows, tile, tile);
    // Of the sum of logarithms of denominators, and the number of anchors closest to a positive.
    String sum = script.let("torch.zeros([], dtype=6, device=ops.prim.device(%s))", unit);
    String hits = script.let("torch.zeros([], dtype=6, device=ops.prim.device(%s))", unit);
    String attracted =
        script.let(
            "torch.sub(%s, torch.mul(%s, %s))",
            directions.sum(script.let("torch.mul(%s, %s)", weights, unit)), weights, unit);
    String du =
        script.let(
            "torch.mul(torch.add(torch.mul(%s, %s), %s), %s)",
            weights, alike, attracted, -1 / (temperature * directions.divisor()));
    script.run("for i in range(%s):", tiles);
    inTile("at = torch.mul(i, %s)", tile);
    inTile("end = torch.add(at, %s)", tile);
    inTile("anchors = torch.slice(%s, 0, at, end)", unit);
    inTile("s = torch.div(torch.matmul(anchors, torch.t(%s)), %s)", unit, temperature);
    inTile("own = torch.unsqueeze(torch.slice(%s, 0, at, end), 1)", group);
    inTile("self_ = torch.eq(torch.unsqueeze(torch.slice(%s, 0, at, end), 1), %s)", number, number);
    inTile("s = torch.masked_fill_(s, self_, float(\"-inf\"))");
    inTile("closest = torch.index(%s, [torch.argmax(s, 1, True)])", group);
    inTile("%s = torch.add_(%s, torch.sum(torch.eq(closest, own)))", hits, hits);
    if (decoupled) {
      inTile("s = torch.masked_fill_(s, torch.eq(own, %s), float(\"-inf\"))", group);
    }
    inTile("total = torch.logsumexp(s, [1], True)");
    inTile("%s = torch.add_(%s, torch.sum(total))", sum, sum);
    inTile("shares = torch.exp_(torch.sub_(s, total))");
    inTile("pull = torch.slice(%s, 0, at, end)", du);
    inTile("pull = torch.add_(pull, torch.div(torch.matmul(shares, %s), %s))", unit, temperature);
    inTile(
        "%s = torch.add_(%s, torch.div(torch.matmul(torch.t(shares), anchors), %s))",
        du, du, temperature);
    String loss =
        script.let(
            "torch.div(torch.sub(%s, torch.sum(torch.mul(%s, torch.squeeze(%s, 1)))), %s)",
            sum, positives, weights, rows);
    // Only what is across u changes the loss: lengths do not count.
    String along = script.let("torch.sum(torch.mul(%s, %s), [1], True)", unit, du);
    String across = script.let("torch.sub(%s, torch.mul(%s, %s))", du, unit, along);
    String dz = script.let("torch.div(%s, torch.mul(%s, %s))", across, directions.norm(), rows);
    String top1 = script.let("torch.div(%s, %s)", hits, rows);
    return new Loss.Gradient(new Loss.Outputs(loss, top1, unit), dz);
  }

  @FormatMethod
  private void inTile(String format, Object... arguments) {
    directions.script().run("  %s", String.format(format, arguments));
  }
}
