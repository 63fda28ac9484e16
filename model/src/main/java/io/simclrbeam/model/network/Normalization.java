package io.simclrbeam.model.network;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is subtracted from, and then divides, each of the R, G and B channels in [0, 1].
 *
 * @param mean three numbers
 * @param std three numbers above 0
 */
public record Normalization(List<Double> mean, @JsonAlias("deviation") List<Double> std) {
  /** The statistics of ImageNet, torchvision's custom. */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  /** Leaves [0, 1] as it is. */
  public static final Normalization NONE =
      new Normalization(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

  /**
   * Writes the normalization.
   *
   * @param images the variable with float32 images {@code [N, 3, H, W]} that may be changed
   * @param levels the number that stands for full intensity: 1, or 255 for pixel values
   */
  public String write(ScriptWriter script, String images, double levels) {
    String mean = script.let("%s", channels(this.mean, levels, images));
    String std = script.let("%s", channels(this.std, levels, images));
    return script.let("torch.div_(torch.sub_(%s, %s), %s)", images, mean, std);
  }

  private static String channels(List<Double> values, double levels, String images) {
    return values.stream()
        .map(value -> String.valueOf(value * levels))
        .collect(
            Collectors.joining(
                ", ",
                "torch.reshape(torch.tensor([",
                "], dtype=6, device=ops.prim.device(%s)), [1, 3, 1, 1])".formatted(images)));
  }
}
