package io.simclrbeam.model.encoder;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.torchscript.Initialization;
import java.util.List;
import java.util.Locale;

/**
 * A residual network (He et al., arXiv 1512.03385) without its classifier; tensors are named, and
 * strides placed, as in torchvision's.
 *
 * @param depth which of the paper's networks
 * @param stem what precedes the residual stages
 * @param width factor on the number of channels, 1 for the paper's
 * @param zeroInitResidual whether the last BatchNorm of each block starts with gamma 0, so that the
 *     block starts as the identity (Goyal et al., arXiv 1706.02677, section 5.1)
 */
@JsonTypeName("resnet")
public record ResNet(Depth depth, Stem stem, double width, boolean zeroInitResidual)
    implements Encoder {
  private static final int BASE_CHANNELS = 64;
  private static final int BOTTLENECK_EXPANSION = 4;

  /** The networks of the paper's table 1. */
  public enum Depth {
    RESNET18,
    RESNET34,
    RESNET50,
    RESNET101;

    /** Returns the number of residual blocks of each stage. */
    List<Integer> blocks() {
      return switch (this) {
        case RESNET18 -> List.of(2, 2, 2, 2);
        case RESNET34, RESNET50 -> List.of(3, 4, 6, 3);
        case RESNET101 -> List.of(3, 4, 23, 3);
      };
    }

    /** Returns whether blocks are of three convolutions rather than two. */
    boolean bottleneck() {
      return this == RESNET50 || this == RESNET101;
    }
  }

  /** What precedes the residual stages. */
  public enum Stem {
    /** 7 x 7 convolution of stride 2 and 3 x 3 max pooling of stride 2. */
    IMAGENET,
    /** 3 x 3 convolution of stride 1, for small images (SimCLR paper, appendix B.9). */
    CIFAR
  }

  /**
   * Checks the width.
   *
   * @throws IllegalArgumentException if the width leaves less than one channel
   */
  public ResNet {
    if (!(width > 0) || Math.round(BASE_CHANNELS * width) < 1) {
      throw new IllegalArgumentException(
          "width must leave at least one of %d channels, but is %s"
              .formatted(BASE_CHANNELS, width));
    }
  }

  @Override
  public String name() {
    return depth.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int dimension(int imageSize) {
    return channels(depth.blocks().size() - 1) * expansion();
  }

  /** What is most: the stem with its input, or the input, middle and output of a block. */
  @Override
  public long activations(int imageSize) {
    long side = stem == Stem.CIFAR ? imageSize : halved(imageSize);
    long most = 3L * imageSize * imageSize + channels(0) * side * side;
    if (stem == Stem.IMAGENET) {
      long pooled = halved(side);
      most = Math.max(most, channels(0) * (side * side + pooled * pooled));
      side = pooled;
    }
    long in = channels(0) * side * side;
    for (int stage = 0; stage < depth.blocks().size(); stage++) {
      long before = side;
      side = stage == 0 ? side : halved(side);
      long middle =
          channels(stage) * (depth.bottleneck() ? before * before + side * side : side * side);
      long out = (long) channels(stage) * expansion() * side * side;
      most = Math.max(most, in + middle + 2 * out); // the shortcut's output too
      in = out;
    }
    return most;
  }

  private static long halved(long side) {
    return (side + 1) / 2;
  }

  @Override
  public String write(Layers layers, String images, int imageSize) {
    String x = stem(layers, images);
    int in = channels(0);
    for (int stage = 0; stage < depth.blocks().size(); stage++) {
      for (int block = 0; block < depth.blocks().get(stage); block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String name = "layer%d.%d".formatted(stage + 1, block);
        x = block(layers, x, name, in, channels(stage), stride);
        in = channels(stage) * expansion();
      }
    }
    return layers.script().let("torch.mean(%s, [2, 3])", layers.toFloat(x));
  }

  private String stem(Layers layers, String images) {
    int out = channels(0);
    if (stem == Stem.CIFAR) {
      return layers.convolutionRelu(convolution("conv1", "bn1", 3, out, 3, 1), images);
    }
    String x = layers.convolutionRelu(convolution("conv1", "bn1", 3, out, 7, 2), images);
    return layers.maxPool(x);
  }

  private String block(Layers layers, String x, String name, int in, int channels, int stride) {
    int out = channels * expansion();
    String y;
    Convolution last;
    if (depth.bottleneck()) {
      y = layers.convolutionRelu(numbered(name, 1, in, channels, 1, 1), x);
      y = layers.convolutionRelu(numbered(name, 2, channels, channels, 3, stride), y);
      last = numbered(name, 3, channels, out, 1, 1);
    } else {
      y = layers.convolutionRelu(numbered(name, 1, in, channels, 3, stride), x);
      last = numbered(name, 2, channels, out, 3, 1);
    }
    return layers.convolutionAddRelu(
        last.withGamma(lastGamma()),
        y,
        () -> shortcut(layers, x, name + ".downsample.", in, out, stride));
  }

  private static String shortcut(
      Layers layers, String x, String name, int in, int out, int stride) {
    return stride == 1 && in == out
        ? x
        : layers.convolution(convolution(name + "0", name + "1", in, out, 1, stride), x);
  }

  /** The convolution of one number in a block. */
  private static Convolution numbered(
      String block, int number, int in, int out, int kernel, int stride) {
    return convolution(
        "%s.conv%d".formatted(block, number),
        "%s.bn%d".formatted(block, number),
        in,
        out,
        kernel,
        stride);
  }

  private static Convolution convolution(
      String name, String norm, int in, int out, int kernel, int stride) {
    return new Convolution(name, norm, in, out, kernel, stride, Initialization.ONES);
  }

  private Initialization lastGamma() {
    return zeroInitResidual ? Initialization.ZEROS : Initialization.ONES;
  }

  private int channels(int stage) {
    return (int) Math.round(BASE_CHANNELS * width) << stage;
  }

  private int expansion() {
    return depth.bottleneck() ? BOTTLENECK_EXPANSION : 1;
  }
}
