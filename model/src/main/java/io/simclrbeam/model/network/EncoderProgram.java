package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.List;

/**
 * The encoder alone, as users get it.
 *
 * @param encoder f
 * @param normalisation of the input
 */
public record EncoderProgram(Encoder encoder, Normalisation normalisation) {
  /**
   * Writes the program: {@code forward(images)} takes uint8 {@code [N, 3, H, W]} in 0..255 or
   * float32 {@code [N, 3, H, W]} in [0, 1] and returns float32 {@code [N, D]}.
   */
  public ScriptProgram write() {
    ScriptWriter script = new ScriptWriter();
    Layers layers = new ModuleLayers(script, ModuleLayers.Mode.AS_MODULE, Precision.FP32);
    String x = input(script, normalisation);
    script.method("forward", List.of("images: Tensor"), "Tensor", encoder.write(layers, x));
    return script.program();
  }

  /** Writes how {@code images} become normalised float32, channels-last. */
  static String input(ScriptWriter script, Normalisation normalisation) {
    script.run("if torch.eq(ops.prim.dtype(images), 0):");
    script.run("  scaled = torch.div(torch.to(images, 6), 255)");
    script.run("else:");
    script.run("  scaled = torch.to(images, 6, False, True)");
    String x = normalisation.write(script, "scaled", 1);
    return script.let("torch.contiguous(%s, memory_format=2)", x);
  }
}
