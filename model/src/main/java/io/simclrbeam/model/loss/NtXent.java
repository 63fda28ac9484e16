package io.simclrbeam.model.loss;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The normalized temperature-scaled cross-entropy loss of SimCLR (arXiv 2002.05709, equation 1 and
 * algorithm 1): the mean over all 2N anchors i with positive j of {@code -log(exp(s_ij / t) / sum
 * over k != i of exp(s_ik / t))}, where s is the cosine similarity. With more than two views, an
 * anchor has several positives, and this is the mean over them: {@link SupCon} with each image as a
 * class of its own.
 *
 * @param temperature the t of the paper, above 0
 */
@JsonTypeName("ntxent")
public record NtXent(double temperature) implements Loss {
  /**
   * Checks the temperature.
   *
   * @throws IllegalArgumentException if it is not above 0
   */
  public NtXent {
    checkTemperature(temperature);
  }

  static void checkTemperature(double temperature) {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0, but is " + temperature);
    }
  }

  @Override
  public Outputs write(ScriptWriter script, String z, int views) {
    Similarities s = Similarities.write(Directions.ofImages(script, z, views), temperature);
    String loss =
        script.let(
            "torch.mean(torch.sub(torch.logsumexp(%s, [1]), %s))", s.others(), s.positives());
    return s.outputs(loss);
  }

  @Override
  public Gradient writeGradient(ScriptWriter script, String z, int views) {
    Tiles tiles = Tiles.write(Directions.ofImages(script, z, views), temperature);
    return tiles.gradient(script.let("torch.ones_like(%s)", tiles.directions().norm()), false);
  }
}
