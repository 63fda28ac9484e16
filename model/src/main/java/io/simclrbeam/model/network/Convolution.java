package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialisation;
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
record Convolution(
    String name, String norm, int in, int out, int kernel, int stride, Initialisation gamma) {

  Convolution withGamma(Initialisation gamma) {
    return new Convolution(name, norm, in, out, kernel, stride, gamma);
  }

  Convolution withStride(int stride) {
    return new Convolution(name, norm, in, out, kernel, stride, gamma);
  }

  /** Returns the name of its kernels {@code [out, in, kernel, kernel]}. */
  String weight() {
    return name + ".weight";
  }

  /** Returns the name of what is added to its output {@code [out]}. */
  String bias() {
    return name + ".bias";
  }

  List<Long> weightShape() {
    return List.of((long) out, (long) in, (long) kernel, (long) kernel);
  }

  List<Long> channelShape() {
    return List.of((long) out);
  }

  /** Returns TorchScript's list of strides. */
  String strides() {
    return "[%1$d, %1$d]".formatted(stride);
  }

  /** Returns TorchScript's list of paddings. */
  String padding() {
    return "[%1$d, %1$d]".formatted(kernel / 2);
  }
}
