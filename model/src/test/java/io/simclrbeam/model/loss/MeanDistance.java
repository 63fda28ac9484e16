package io.simclrbeam.model.loss;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * A loss that only tests have: the mean squared distance of positives, less that of all rows from
 * their mean, so that it does not collapse.
 *
 * @param weight of the second part
 */
@JsonTypeName("mean_distance")
public record MeanDistance(double weight) implements Loss {
  @Override
  public Outputs write(ScriptWriter script, String z, int views) {
    String norm = script.let("torch.linalg_vector_norm(%s, 2, [1], True)", z);
    String unit = script.let("torch.div(%s, torch.clamp_min(%s, 1.0e-12))", z, norm);
    String half = script.let("torch.floordiv(torch.size(%s, 0), 2)", z);
    String first = script.let("torch.slice(%s, 0, 0, %s)", unit, half);
    String second = script.let("torch.slice(%s, 0, %s)", unit, half);
    String pulled = script.let("torch.mean(torch.square(torch.sub(%s, %s)))", first, second);
    String spread = script.let("torch.mean(torch.var(%s, [0]))", unit);
    String loss = script.let("torch.sub(%s, torch.mul(%s, %s))", pulled, spread, weight);
    String none = script.let("torch.zeros_like(torch.detach(%s))", loss);
    return new Outputs(loss, none, unit);
  }
}
