package io.simclrbeam.model.optimizer;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.torchscript.ScriptWriter;

/**
 * An optimizer that only tests have: every weight goes a step against the sign of its averaged
 * gradient.
 *
 * @param momentum of the average
 */
@JsonTypeName("sign_descent")
public record SignDescent(double momentum) implements Optimizer {
  @Override
  public void write(Update update) {
    ScriptWriter script = update.script();
    for (int i = 0; i < update.parameters().size(); i++) {
      String m = update.moment("average", i);
      script.run("torch.lerp_(%s, %s, %s)", m, update.gradient(i), 1 - momentum);
      script.run("torch.sub_(%s, torch.sign(%s), alpha=%s)", update.weight(i), m, update.rate());
    }
  }
}
