package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialization;
import java.util.List;

/**
 * A convolution, padded to keep the size but for its stride, and the BatchNorm after it: {@code [N,
 * in, H, W] -> [N, out, H', W']}.
 *
 * @param name of the convolution
 * @param norm name of the BatchNorm
 * @param in number of input channels
 * @param out number of output channels
 * @param kernel side of the kernel
 * @param stride in both directions
 * @param gamma what the BatchNorm's scale starts with
 */
public record Convolution(
    String name, String norm, int in, int out, int kernel, int stride, Initialization gamma) {

  public Convolution withGamma(Initialization gamma) {
    return new Convolution(name, norm, in, out, kernel, stride, gamma);
  }

  public Convolution withStride(int stride) {
    return new Convolution(name, norm, in, out, kernel, stride, gamma);
  }

  /** Returns the name of its kernels {@code [out, in, kernel, kernel]}. */
  public String weight() {
    return name + ".weight";
  }

  /** Returns the name of what is added to its output {@code [out]}. */
  public String bias() {
    return name + ".bias";
  }

  public List<Long> weightShape() {
    return List.of((long) out, (long) in, (long) kernel, (long) kernel);
  }

  public List<Long> channelShape() {
    return List.of((long) out);
  }

  /** Returns TorchScript's list of strides. */
  public String strides() {
    return "[%1$d, %1$d]".formatted(stride);
  }

  /** Returns TorchScript's list of paddings. */
  public String padding() {
    return "[%1$d, %1$d]".formatted(kernel / 2);
  }
}
