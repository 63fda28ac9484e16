package io.simclrbeam.model.train;

import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.loss.Loss;
import io.simclrbeam.model.network.ModuleLayers;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.Update;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A SimCLR training step in TorchScript: once as a whole, and once in parts that have one
 * description with it. {@link #STEP} does all in a single native call, so that neither a gradient
 * nor an activation crosses into Java. The parts do the same, bit for bit, one after the other:
 *
 * <pre>{@code
 * z = forward(views)                        // projections, without a record for gradients
 * [dz, loss, top1, std] = loss(z, classes)  // the loss, and its gradient at z
 * gradients = gradients(views, dz, 0.1)     // the same forward pass again, with gradients from dz
 * norm = update(gradients, control)         // the optimizer
 * }</pre>
 *
 * Work on several smaller batches, or on the gradients of several replicas, goes between the parts.
 * {@code lossInTiles} is {@code loss} in the memory of a few rows, and equal to it but for
 * rounding.
 *
 * @param encoder f
 * @param imageSize side of a view in pixels
 * @param views of each image, the K of the shapes, at least 2
 * @param head g
 * @param loss what is minimized
 * @param optimizer how gradients change weights
 * @param clipNorm the largest norm of all gradients together; 0 for no limit
 * @param normalization of the input
 * @param precision of convolutions and matrix products
 * @param version whether all parameters are decayed and projections shifted, as once, or not
 */
public record TrainingProgram(
    Encoder encoder,
    int imageSize,
    int views,
    ProjectionHead head,
    Loss loss,
    Optimizer optimizer,
    double clipNorm,
    Normalization normalization,
    Precision precision,
    SettingsVersion version) {

  /** The method that trains: {@code step(views, control, classes) -> statistics}. */
  public static final String STEP = "step";

  /** The method that computes projections: {@code forward(views) -> z}. */
  public static final String FORWARD = "forward";

  /** The method of the loss: {@code loss(z, classes) -> [dz, loss, top1, std]}. */
  public static final String LOSS = "loss";

  /** {@link #LOSS} for large batches: {@code lossInTiles(z, classes) -> [dz, loss, top1, std]}. */
  public static final String LOSS_IN_TILES = "lossInTiles";

  /** The method that computes gradients: {@code gradients(views, dz, momentum) -> gradients}. */
  public static final String GRADIENTS = "gradients";

  /** The method that changes weights: {@code update(gradients, control) -> norm}. */
  public static final String UPDATE = "update";

  /**
   * The method that embeds without training: {@code embed(images) -> h}. BatchNorm uses its running
   * statistics, and nothing is changed.
   */
  public static final String EMBED = "embed";

  /** The method that returns all tensors in the order of {@link ScriptProgram#tensors()}. */
  public static final String STATE = "state";

  private static final String VIEWS = "views: Tensor";
  private static final String CONTROL = "control: Tensor";

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
   * Writes the program. Its methods take and return:
   *
   * <ul>
   *   <li>views: uint8 {@code [N, K, H, W, 3]}
   *   <li>control: float64 {@code [2]} on the CPU, the learning rate, and the number of the update
   *       from 1
   *   <li>classes: int64 {@code [N]}, the class of each image; an argument only where the loss
   *       {@link Loss#readsClasses}
   *   <li>statistics: float32 {@code [4]}, the loss, contrastive top-1, the norm of the gradient,
   *       and std: the mean over the axes of the standard deviation of the normalized projections
   *       (Chen and He, arXiv 2011.10566, section 4.1), which is near 0 after a collapse
   *   <li>z and dz: float32 {@code [KN, D]}; rows i, i + N, i + 2N and so on are the views of image
   *       i
   *   <li>momentum: float64 {@code []} on the CPU, the share of these views in BatchNorm's running
   *       statistics after them; PyTorch's is 0.1
   *   <li>images: uint8 {@code [N, H, W, 3]}; h: float32 {@code [N, D]}, what the encoder makes of
   *       them, in float32 throughout
   *   <li>gradients: a float32 tensor for each parameter, in the order of the parameters among
   *       {@link ScriptProgram#tensors()}
   * </ul>
   */
  public ScriptProgram write() {
    ScriptWriter script = new ScriptWriter();
    writeStep(script);
    writeState(script);
    writeParts(script);
    writeEmbed(script);
    return script.program();
  }

  private void writeStep(ScriptWriter script) {
    Loss.Outputs outputs =
        loss.write(script, projections(script, ModuleLayers.Mode.TRAINING), views);
    List<TensorSpec> parameters = parameters(script);
    String gradients = gradients(script, outputs.loss(), leaves(parameters), "");
    String norm = update(script, parameters, gradients);
    String std = std(script, outputs);
    script.method(
        STEP,
        withClasses(VIEWS, CONTROL),
        "Tensor",
        "torch.detach(torch.stack([%s, %s, %s, %s]))"
            .formatted(outputs.loss(), outputs.contrastiveTop1(), norm, std));
  }

  private static void writeState(ScriptWriter script) {
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
  }

  private void writeParts(ScriptWriter script) {
    List<TensorSpec> parameters = parameters(script);
    // The running statistics of BatchNorm are updated once a step: with the gradients.
    String untracked = projections(script, ModuleLayers.Mode.UNTRACKED);
    script.method(FORWARD, List.of(VIEWS), "Tensor", script.let("torch.detach(%s)", untracked));

    writeLoss(script, LOSS, loss.byAutograd(script, "z", views));
    writeLoss(script, LOSS_IN_TILES, loss.writeGradient(script, "z", views));

    script.run("%s = float(momentum_)", ModuleLayers.MOMENTUM);
    String z = projections(script, ModuleLayers.Mode.WITH_MOMENTUM);
    String ofParameters =
        gradients(script, z, leaves(parameters), ", annotate(List[Optional[Tensor]], [dz])");
    script.method(
        GRADIENTS,
        List.of(VIEWS, "dz: Tensor", "momentum_: Tensor"),
        "List[Tensor]",
        ScriptWriter.list(elements(parameters, ofParameters)));

    String norm = update(script, parameters, "gradients");
    script.method(UPDATE, List.of("gradients: List[Tensor]", CONTROL), "Tensor", norm);
  }

  private void writeLoss(ScriptWriter script, String method, Loss.Gradient gradient) {
    Loss.Outputs outputs = gradient.outputs();
    script.method(
        method,
        withClasses("z: Tensor"),
        "List[Tensor]",
        "[%s, torch.detach(%s), %s, torch.detach(%s)]"
            .formatted(
                gradient.atZ(), outputs.loss(), outputs.contrastiveTop1(), std(script, outputs)));
  }

  private List<String> withClasses(String... parameters) {
    Stream<String> classes =
        loss.readsClasses() ? Stream.of(Loss.CLASSES + ": Tensor") : Stream.empty();
    return Stream.concat(Stream.of(parameters), classes).toList();
  }

  private void writeEmbed(ScriptWriter script) {
    // As the finished model does, whatever training computes in.
    ModuleLayers layers = new ModuleLayers(script, ModuleLayers.Mode.AS_MODULE, Precision.FP32);
    script.method(EMBED, List.of("images: Tensor"), "Tensor", representations(layers, "images"));
  }

  /** Writes how {@code views} become projections z. */
  private String projections(ScriptWriter script, ModuleLayers.Mode mode) {
    ModuleLayers layers = new ModuleLayers(script, mode, precision);
    // View 1 of all images, then view 2.
    String rows = script.let("torch.flatten(torch.transpose(views, 0, 1), 0, 1)");
    String h = representations(layers, rows);
    return head.write(layers, h, encoder.dimension(imageSize), isVersion1());
  }

  /** Writes how pixels, uint8 {@code [N, H, W, 3]}, become representations h. */
  private String representations(ModuleLayers layers, String rows) {
    ScriptWriter script = layers.script();
    // NHWC pixels seen as NCHW are channels-last without a copy.
    String pixels = script.let("torch.to(torch.permute(%s, [0, 3, 1, 2]), 6)", rows);
    String images = layers.precision().operand(normalization.write(script, pixels, 255));
    return encoder.write(layers, script.let("%s", images), imageSize);
  }

  private boolean isVersion1() {
    return version == SettingsVersion.V1;
  }

  private static List<TensorSpec> parameters(ScriptWriter script) {
    return script.tensors().stream().filter(spec -> spec.role().isParameter()).toList();
  }

  private static String leaves(List<TensorSpec> parameters) {
    return ScriptWriter.list(parameters.stream().map(TensorSpec::name).map(ScriptWriter::read));
  }

  /** Writes the gradients of a variable; {@code further} are more arguments of torch.grad. */
  private static String gradients(ScriptWriter script, String of, String leaves, String further) {
    String at = script.let("%s", leaves);
    return script.let("unchecked_cast(List[Tensor], torch.grad([%s], %s%s))", of, at, further);
  }

  /** Writes the update; returns the variable with the norm of the gradients as they were. */
  private String update(ScriptWriter script, List<TensorSpec> parameters, String gradients) {
    String rate = script.let("float(torch.select(control, 0, 0))");
    String number = script.let("float(torch.select(control, 0, 1))");
    if (clipNorm == 0) {
      optimizer.write(new Update(script, parameters, gradients, rate, number, isVersion1()));
      return norm(script, parameters, gradients);
    }
    String norm = norm(script, parameters, gradients);
    // As torch.nn.utils.clip_grad_norm_, and like it without asking a GPU for the norm.
    String scale =
        script.let(
            "torch.clamp_max(torch.mul(torch.reciprocal(torch.add(%s, 1.0e-6)), %s), 1.0)",
            norm, clipNorm);
    String list = ScriptWriter.list(elements(parameters, gradients));
    String clipped = script.let("torch._foreach_mul(%s, %s)", list, scale);
    optimizer.write(new Update(script, parameters, clipped, rate, number, isVersion1()));
    return norm;
  }

  private static String norm(ScriptWriter script, List<TensorSpec> parameters, String gradients) {
    String norms =
        script.let("torch._foreach_norm(%s)", ScriptWriter.list(elements(parameters, gradients)));
    return script.let("torch.linalg_vector_norm(torch.stack(%s))", norms);
  }

  private static Stream<String> elements(List<TensorSpec> parameters, String gradients) {
    return IntStream.range(0, parameters.size()).mapToObj(i -> "%s[%d]".formatted(gradients, i));
  }

  private static String std(ScriptWriter script, Loss.Outputs outputs) {
    return script.let("torch.mean(torch.std(%s, [0]))", outputs.normalized());
  }
}
