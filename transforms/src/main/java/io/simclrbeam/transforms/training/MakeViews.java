package io.simclrbeam.transforms.training;

import io.simclrbeam.model.augment.ViewAugmenter;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Reads and decodes the images of each slice and makes two random views of each. A view depends on
 * (seed, image, epoch, view) alone.
 *
 * <p>An image that cannot be used any more is rejected once, in the first epoch that uses it, and
 * another image, always the same, takes its place.
 */
final class MakeViews extends PTransform<PCollection<SliceRequest>, PCollectionTuple> {
  private static final long serialVersionUID = 1;

  static final TupleTag<ViewSlice> SLICES = new TupleTag<>() {};
  static final TupleTag<GenericRecord> REJECTS = new TupleTag<>() {};

  private static final String STAGE = "train";
  private static final int MOST_SUBSTITUTES = 100;

  /** An epoch that is no image's first: a substitute is rejected when its own turn comes. */
  private static final long NEVER_REJECTED = -1;

  private final TrainingSpec spec;

  private MakeViews(TrainingSpec spec) {
    this.spec = spec;
  }

  static MakeViews of(TrainingSpec spec) {
    return new MakeViews(spec);
  }

  @Override
  public PCollectionTuple expand(PCollection<SliceRequest> requests) {
    PCollectionTuple outputs =
        requests.apply(
            "Augment",
            ParDo.of(new ViewsFn(spec)).withOutputTags(SLICES, TupleTagList.of(REJECTS)));
    outputs.get(SLICES).setCoder(ViewSlice.ViewSliceCoder.INSTANCE);
    outputs.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    return outputs;
  }

  private static final class ViewsFn extends DoFn<SliceRequest, ViewSlice> {
    private final TrainingSpec spec;
    private final Counter augmented = Metrics.counter(MakeViews.class, "images_augmented");
    private final Counter substituted = Metrics.counter(MakeViews.class, "images_substituted");
    private transient @Nullable Manifest manifest;
    private transient @Nullable ImageDecoder decoder;
    private transient @Nullable ViewAugmenter augmenter;

    ViewsFn(TrainingSpec spec) {
      this.spec = spec;
    }

    @Setup
    public void setup() throws IOException {
      manifest = Manifest.read(new BeamFileStore(spec.folder()));
      decoder = new ImageDecoder(ExifOrientation.IGNORE);
      augmenter = new ViewAugmenter(spec.settings().createAugmentation());
    }

    @ProcessElement
    public void process(@Element SliceRequest request, MultiOutputReceiver out) throws IOException {
      BatchPlan plan = spec.plan();
      long epoch = plan.epoch(request.step());
      int from = spec.firstImage(request.slice());
      int to = spec.endImage(request.slice());
      long[] images = plan.images(request.step(), from, to);
      byte[] views = new byte[images.length * spec.viewBytes()];
      try (ImageReader reader = new ImageReader()) {
        for (int i = 0; i < images.length; i++) {
          write(images[i], epoch, reader, views, i * spec.viewBytes(), out);
        }
      }
      augmented.inc(images.length);
      out.get(SLICES).output(new ViewSlice(request.step(), request.slice(), views));
    }

    private void write(
        long image,
        long epoch,
        ImageReader reader,
        byte[] out,
        int offset,
        MultiOutputReceiver rejects) {
      long used = image;
      RgbImage picture = load(image, reader, epoch, rejects);
      for (int attempt = 0; picture == null; attempt++) {
        if (attempt == MOST_SUBSTITUTES) {
          throw new IllegalStateException(
              "%d images in a row cannot be used any more; see the rejects in %s"
                  .formatted(MOST_SUBSTITUTES, spec.folder()));
        }
        substituted.inc();
        used = spec.plan().substitute(image, epoch, attempt);
        picture = load(used, reader, NEVER_REJECTED, rejects);
      }
      for (int view = 0; view < 2; view++) {
        Objects.requireNonNull(augmenter)
            .augment(
                picture,
                spec.settings().seed(),
                used,
                epoch,
                view,
                out,
                offset + view * spec.viewBytes() / 2);
      }
    }

    /** Returns the picture, valid until the next; or null and, in its first epoch, a reject. */
    private @Nullable RgbImage load(
        long image, ImageReader reader, long epoch, MultiOutputReceiver rejects) {
      ImageRef ref = Objects.requireNonNull(manifest).images().get((int) image);
      try {
        return Objects.requireNonNull(decoder).decode(reader.read(ref));
      } catch (RejectedImageException e) {
        if (epoch == spec.plan().firstEpoch(image)) {
          rejects.get(REJECTS).output(Reject.of(ref.uri(), ref.id(), STAGE, e));
        }
        return null;
      }
    }
  }
}
