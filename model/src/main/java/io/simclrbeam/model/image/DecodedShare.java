package io.simclrbeam.model.image;

import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;

/** Listens to how much of a picture has been decoded. */
final class DecodedShare implements IIOReadProgressListener {
  private float percent;

  /** Returns the largest share heard of. */
  float percent() {
    return percent;
  }

  @Override
  public void imageProgress(ImageReader source, float percentageDone) {
    percent = Math.max(percent, percentageDone);
  }

  @Override
  public void sequenceStarted(ImageReader source, int minIndex) {}

  @Override
  public void sequenceComplete(ImageReader source) {}

  @Override
  public void imageStarted(ImageReader source, int imageIndex) {}

  @Override
  public void imageComplete(ImageReader source) {}

  @Override
  public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

  @Override
  public void thumbnailProgress(ImageReader source, float percentageDone) {}

  @Override
  public void thumbnailComplete(ImageReader source) {}

  @Override
  public void readAborted(ImageReader source) {}
}
