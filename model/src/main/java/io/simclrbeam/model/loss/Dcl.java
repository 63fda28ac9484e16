package io.simclrbeam.model.loss;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The decoupled contrastive loss (arXiv 2110.06848, equation 6): {@link NtXent} without the
 * positive in the denominator, the mean over all 2N anchors i with positive j of {@code -w_i s_ij /
 * t + log(sum over k other than i and j of exp(s_ik / t))}. It needs smaller batches than NT-Xent
 * for the same quality.
 *
 * @param temperature the t of the paper, above 0
 * @param weighted whether pairs count for less the more alike they are already (DCLW, section 3.2
 *     of the paper): {@code w_i = 2 - N exp(s_ij / 0.5) / (sum of it over all N pairs)}. No
 *     gradient goes through the weights, as in lightly. If not, all weights are 1. With more than
 *     two views, s_ij is the mean over an anchor's positives, and none of them is in its
 *     denominator.
 */
@JsonTypeName("dcl")
public record Dcl(double temperature, boolean weighted) implements Loss {
  /** The sigma of the paper's appendix. */
  private static final double SIGMA = 0.5;

  /**
   * Checks the temperature.
   *
   * @throws IllegalArgumentException if it is not above 0
   */
  public Dcl {
    NtXent.checkTemperature(temperature);
  }

  @Override
  public Outputs write(ScriptWriter script, String z, int views) {
    Similarities s = Similarities.write(Directions.ofImages(script, z, views), temperature);
    String negatives =
        script.let("torch.masked_fill(%s, %s, float(\"-inf\"))", s.others(), s.positive());
    String attraction =
        weighted
            ? script.let("torch.mul(%s, %s)", s.positives(), weights(script, s.positives()))
            : s.positives();
    String loss =
        script.let("torch.mean(torch.sub(torch.logsumexp(%s, [1]), %s))", negatives, attraction);
    return s.outputs(loss);
  }

  @Override
  public Gradient writeGradient(ScriptWriter script, String z, int views) {
    Tiles tiles = Tiles.write(Directions.ofImages(script, z, views), temperature);
    String weights =
        weighted
            ? script.let("torch.unsqueeze(%s, 1)", weights(script, tiles.positives()))
            : script.let("torch.ones_like(%s)", tiles.directions().norm());
    return tiles.gradient(weights, true);
  }

  /** Both views of an image have the same weight, so the mean over 2N is that over N pairs. */
  private String weights(ScriptWriter script, String positives) {
    String cosines = script.let("torch.mul(torch.detach(%s), %s)", positives, temperature);
    String shares = script.let("torch.softmax(torch.div(%s, %s), 0)", cosines, SIGMA);
    return script.let("torch.rsub(torch.mul(%s, torch.size(%s, 0)), 2)", shares, positives);
  }
}
