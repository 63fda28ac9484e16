package io.simclrbeam.model.augment;

/**
 * The weights for resizing sources of any length to one length. Those of short sources are kept:
 * computing them again would take a seventh of the time of a small view. Not thread-safe.
 */
final class ResizeAxes {
  private static final int LONGEST_KEPT = 64;

  private final int outputs;
  private final int bits;
  private final Interpolation interpolation;
  private final ResizeAxis[] kept = new ResizeAxis[LONGEST_KEPT + 1];
  private final ResizeAxis[] keptMirrored = new ResizeAxis[LONGEST_KEPT + 1];
  private final ResizeAxis reused;

  /** Creates them with the arguments of {@link ResizeAxis#ResizeAxis}. */
  ResizeAxes(int outputs, int bits, Interpolation interpolation) {
    this.outputs = outputs;
    this.bits = bits;
    this.interpolation = interpolation;
    this.reused = newAxis();
  }

  /** Returns the weights for a whole source, valid until the next call. */
  ResizeAxis whole(int sourceLength, boolean mirror) {
    if (sourceLength > LONGEST_KEPT) {
      return part(sourceLength, outputs, 0, mirror);
    }
    ResizeAxis[] axes = mirror ? keptMirrored : kept;
    if (axes[sourceLength] == null) {
      axes[sourceLength] = newAxis();
      axes[sourceLength].set(sourceLength, outputs, 0, mirror);
    }
    return axes[sourceLength];
  }

  /** Returns weights as {@link ResizeAxis#set} makes them, valid until the next call. */
  ResizeAxis part(int sourceLength, long fullLength, long from, boolean mirror) {
    reused.set(sourceLength, fullLength, from, mirror);
    return reused;
  }

  private ResizeAxis newAxis() {
    return new ResizeAxis(outputs, bits, interpolation);
  }
}
