package io.simclrbeam.model.train;

/**
 * What a training step reports.
 *
 * @param loss NT-Xent before the update
 * @param contrastiveTop1 share in 0..1 of anchors whose most similar other view is their positive
 * @param gradientNorm norm of the gradient over all parameters
 * @param embeddingStd mean over axes of the standard deviation of normalized projections over the
 *     batch; near {@code 1 / sqrt(axes)} when they spread, near 0 after a collapse
 */
public record StepStatistics(
    double loss, double contrastiveTop1, double gradientNorm, double embeddingStd) {

  /** Returns whether all numbers are finite. */
  public boolean isFinite() {
    return Double.isFinite(loss + contrastiveTop1 + gradientNorm + embeddingStd);
  }
}
