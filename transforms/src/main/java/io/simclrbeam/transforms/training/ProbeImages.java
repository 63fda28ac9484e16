package io.simclrbeam.transforms.training;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.InferenceTransform;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.train.ProbeSample;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that training is probed with: a sample of the manifest that follows from the seed,
 * prepared as {@code embed} does. They are read and decoded anew for each probe, since their pixels
 * would take much memory for all the time between. An image that cannot be used is left out.
 */
final class ProbeImages implements ProbeSample {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeImages.class);

  private final TrainingSpec spec;
  private final BooleanSupplier cutOff;

  /** Where the images are; null before the first probe. */
  private @Nullable List<ImageRef> sample;

  /**
   * Creates one.
   *
   * @param cutOff whether training is to end now
   */
  ProbeImages(TrainingSpec spec, BooleanSupplier cutOff) {
    this.spec = spec;
    this.cutOff = cutOff;
  }

  @Override
  public boolean read(Receiver receiver) throws IOException {
    if (sample == null) {
      sample =
          Manifest.choose(
              new BeamFileStore(spec.folder()), spec.plan().sample(spec.probes().images()));
    }
    AugmentSettings views = spec.settings().views();
    // The manifest has no picture that was too large.
    ImageDecoder decoder = new ImageDecoder(spec.settings().exifOrientation(), Long.MAX_VALUE);
    InferenceTransform resize = new InferenceTransform(views.size(), views.interpolation());
    byte[] pixels = new byte[views.viewBytes()];
    try (ImageReader reader = ImageReader.caching(sample)) {
      for (ImageRef image : sample) {
        if (cutOff.getAsBoolean()) {
          return false;
        }
        try {
          resize.apply(decoder.decode(reader.next()), pixels, 0);
        } catch (RejectedImageException e) {
          LOG.debug("{} is no part of a probe: {}", image.uri(), e.getMessage());
          continue;
        } catch (IllegalStateException e) { // the storage goes on failing
          LOG.warn("A probe is left out: {}", e.getMessage(), e);
          return false;
        }
        receiver.add(image.id(), image.label(), pixels);
      }
    }
    return true;
  }
}
