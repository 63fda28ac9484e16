package io.simclrbeam.model.train;

import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.ModuleLayers;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A whole SimCLR training step as one TorchScript method: forward, loss, gradients and update
 * happen in a single native call, so that neither a gradient nor an activation ever crosses into
 * Java.
 *
 * @param encoder f
 * @param head g
 * @param loss NT-Xent
 * @param optimizer how gradients change weights
 * @param normalization of the input
 * @param precision of convolutions and matrix products
 */
public record TrainingProgram(
    Encoder encoder,
    ProjectionHead head,
    NtXent loss,
    Optimizer optimizer,
    Normalization normalization,
    Precision precision) {

  /** The method that trains: {@code step(views, control) -> statistics}. */
  public static final String STEP = "step";

  /** The method that returns all tensors in the order of {@link ScriptProgram#tensors()}. */
  public static final String STATE = "state";

  /**
   * Checks the precision.
   *
   * @throws IllegalArgumentException if it is not one to train with
   */
  public TrainingProgram {
    if (!precision.isTrainable()) {
      throw new IllegalArgumentException("nothing can be trained in " + precision);
    }
  }

  /**
   * Writes the program.
   *
   * <p>{@link #STEP} takes uint8 views {@code [N, 2, H, W, 3]} and float64 control {@code [2]}:
   * learning rate, and number of the update from 1. It returns float32 {@code [4]}: loss,
   * contrastive top-1, norm of the gradient, and mean over the axes of the standard deviation of
   * the normalized projections (Chen and He, arXiv 2011.10566, section 4.1), which is near 0 after
   * a collapse.
   */
  public ScriptProgram write() {
    ScriptWriter script = new ScriptWriter();
    ModuleLayers layers = new ModuleLayers(script, ModuleLayers.Mode.TRAINING, precision);

    // View 1 of all images, then view 2; NHWC pixels seen as NCHW are channels-last without a copy.
    String rows = script.let("torch.flatten(torch.transpose(views, 0, 1), 0, 1)");
    String pixels = script.let("torch.to(torch.permute(%s, [0, 3, 1, 2]), 6)", rows);
    String images = precision.operand(normalization.write(script, pixels, 255));
    String h = encoder.write(layers, script.let("%s", images));
    String z = head.write(layers, h, encoder.dimension());
    NtXent.Outputs outputs = loss.write(script, z);

    List<TensorSpec> parameters =
        script.tensors().stream().filter(spec -> spec.role() == Role.PARAMETER).toList();
    String leaves =
        script.let(
            "%s",
            ScriptWriter.list(parameters.stream().map(TensorSpec::name).map(ScriptWriter::read)));
    String gradients =
        script.let("unchecked_cast(List[Tensor], torch.grad([%s], %s))", outputs.loss(), leaves);
    String rate = script.let("float(torch.select(control, 0, 0))");
    String step = script.let("float(torch.select(control, 0, 1))");
    optimizer.write(new Optimizer.Update(script, parameters, gradients, rate, step));

    String norms =
        script.let(
            "torch._foreach_norm(%s)",
            ScriptWriter.list(
                IntStream.range(0, parameters.size())
                    .mapToObj(i -> "%s[%d]".formatted(gradients, i))));
    String gradientNorm = script.let("torch.linalg_vector_norm(torch.stack(%s))", norms);
    String std = script.let("torch.mean(torch.std(%s, [0]))", outputs.normalized());
    script.method(
        STEP,
        List.of("views: Tensor", "control: Tensor"),
        "Tensor",
        "torch.detach(torch.stack([%s, %s, %s, %s]))"
            .formatted(outputs.loss(), outputs.contrastiveTop1(), gradientNorm, std));

    script.method(
        STATE,
        List.of(),
        "List[Tensor]",
        ScriptWriter.list(
            script.tensors().stream()
                .map(
                    spec ->
                        "torch.contiguous(torch.detach(%s))"
                            .formatted(ScriptWriter.read(spec.name())))));
    return script.program();
  }
}
