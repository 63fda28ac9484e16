package io.simclrbeam.model.encoder;

import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.ModuleLayers;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.List;

/**
 * The encoder alone, as users get it.
 *
 * @param encoder f
 * @param imageSize side of its input in pixels
 * @param normalization of the input
 */
public record EncoderProgram(Encoder encoder, int imageSize, Normalization normalization) {
  /**
   * Writes the program: {@code forward(images)} takes uint8 {@code [N, 3, H, W]} in 0..255 or
   * float32 {@code [N, 3, H, W]} in [0, 1] and returns float32 {@code [N, D]}.
   */
  public ScriptProgram write() {
    ScriptWriter script = new ScriptWriter();
    Layers layers = new ModuleLayers(script, ModuleLayers.Mode.AS_MODULE, Precision.FP32);
    String x = input(script, normalization);
    script.method(
        "forward", List.of("images: Tensor"), "Tensor", encoder.write(layers, x, imageSize));
    return script.program();
  }

  /** Writes how {@code images} become normalized float32, channels-last. */
  public static String input(ScriptWriter script, Normalization normalization) {
    script.run("if torch.eq(ops.prim.dtype(images), 0):");
    script.run("  scaled = torch.div(torch.to(images, 6), 255)");
    script.run("else:");
    script.run("  scaled = torch.to(images, 6, False, True)");
    String x = normalization.write(script, "scaled", 1);
    return script.let("torch.contiguous(%s, memory_format=2)", x);
  }
}
