package io.simclrbeam.model.loss;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * The supervised contrastive loss in its outer form (arXiv 2004.11362, equation 2): {@link NtXent}
 * whose positives are all views of all images of the anchor's class. The paper sums over the
 * anchors, this is the mean over them. Where each image is a class of its own, it is NT-Xent.
 *
 * @param temperature the t of the paper, above 0; there 0.1
 */
@JsonTypeName("supcon")
public record SupCon(double temperature) implements Loss {
  /**
   * Checks the temperature.
   *
   * @throws IllegalArgumentException if it is not above 0
   */
  public SupCon {
    NtXent.checkTemperature(temperature);
  }

  @Override
  public boolean readsClasses() {
    return true;
  }

  @Override
  public Outputs write(ScriptWriter script, String z, int views) {
    Similarities s = Similarities.write(Directions.ofClasses(script, z, views), temperature);
    String count = script.let("torch.sum(%s, [1])", s.positive());
    String attraction = script.let("torch.div(%s, %s)", s.positives(), count);
    return s.outputs(
        script.let("torch.mean(torch.sub(torch.logsumexp(%s, [1]), %s))", s.others(), attraction));
  }

  @Override
  public Gradient writeGradient(ScriptWriter script, String z, int views) {
    Tiles tiles = Tiles.write(Directions.ofClasses(script, z, views), temperature);
    String weights = script.let("torch.reciprocal(%s)", tiles.directions().positives());
    return tiles.gradient(weights, false);
  }
}
