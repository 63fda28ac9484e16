package io.simclrbeam.transforms.training;

import io.simclrbeam.model.augment.ViewAugmenter;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Reads and decodes the images of each slice and makes random views of each. A view depends on
 * (seed, image, epoch, view) alone.
 *
 * <p>An image that cannot be used any more is rejected once, in the first epoch that uses it, and
 * another image, always the same, takes its place. Rejects travel with the slice: they are kept
 * when its step is done, so that a restart neither loses one nor keeps it twice.
 */
final class MakeViews extends PTransform<PCollection<SliceRequest>, PCollection<ViewSlice>> {
  private static final long serialVersionUID = 1;

  private static final int MOST_SUBSTITUTES = 100;

  private final TrainingSpec spec;

  private MakeViews(TrainingSpec spec) {
    this.spec = spec;
  }

  static MakeViews of(TrainingSpec spec) {
    return new MakeViews(spec);
  }

  @Override
  public PCollection<ViewSlice> expand(PCollection<SliceRequest> requests) {
    return requests
        .apply("Augment", ParDo.of(new ViewsFn(spec)))
        .setCoder(ViewSlice.ViewSliceCoder.INSTANCE);
  }

  private static final class ViewsFn extends DoFn<SliceRequest, ViewSlice> {
    private final TrainingSpec spec;
    private final Counter augmented = Metrics.counter(MakeViews.class, "images_augmented");
    private final Counter substituted = Metrics.counter(MakeViews.class, "images_substituted");
    private transient @Nullable Manifest manifest;

    /** Of all images; null where the loss is not supervised. */
    private transient int @Nullable [] classes;

    private transient @Nullable ImageDecoder decoder;
    private transient @Nullable ViewAugmenter augmenter;

    ViewsFn(TrainingSpec spec) {
      this.spec = spec;
    }

    @Setup
    public void setup() throws IOException {
      manifest = Manifest.shared(new BeamFileStore(spec.folder()), spec.job());
      classes = spec.settings().loss().readsClasses() ? manifest.classes() : null;
      // The manifest has no picture that was too large.
      decoder = new ImageDecoder(spec.settings().exifOrientation(), Long.MAX_VALUE);
      augmenter = new ViewAugmenter(spec.settings().views());
    }

    @ProcessElement
    public void process(@Element SliceRequest request, OutputReceiver<ViewSlice> out)
        throws IOException {
      BatchPlan plan = spec.plan();
      long epoch = plan.epoch(request.step());
      int from = spec.firstImage(request.slice());
      int to = spec.endImage(request.slice());
      long[] images = plan.images(request.step(), from, to);
      int bytes = spec.settings().viewBytes();
      byte[] views = new byte[images.length * bytes];
      List<Integer> labels = new ArrayList<>();
      List<GenericRecord> rejects = new ArrayList<>();
      try (ImageReader reader =
          ImageReader.caching(LongStream.of(images).mapToObj(this::ref).toList())) {
        for (int i = 0; i < images.length; i++) {
          long used = write(images[i], epoch, reader, views, i * bytes, rejects);
          if (classes != null) {
            labels.add(classes[(int) used]);
          }
        }
      }
      augmented.inc(images.length);
      out.output(
          new ViewSlice(
              request.firstStep(), request.step(), request.slice(), views, labels, rejects));
    }

    /** Writes the views of an image, or of its substitute; returns which it was. */
    private long write(
        long image,
        long epoch,
        ImageReader reader,
        byte[] out,
        int offset,
        List<GenericRecord> rejects) {
      long used = image;
      @Nullable RgbImage picture = null;
      for (int attempt = 0; picture == null; attempt++) {
        ImageRef ref = ref(used);
        try {
          picture =
              Objects.requireNonNull(decoder).decode(attempt == 0 ? reader.next() : readAlone(ref));
        } catch (RejectedImageException e) {
          // A substitute is rejected when its own turn comes.
          if (attempt == 0 && epoch == spec.plan().firstEpoch(image)) {
            rejects.add(Reject.of(ref.uri(), ref.id(), TrainSimclr.JOB, e));
          }
          if (attempt == MOST_SUBSTITUTES) {
            throw new IllegalStateException(
                "%d images in a row cannot be used any more, the last being %s: %s"
                    .formatted(MOST_SUBSTITUTES, ref.uri(), e.getMessage()),
                e);
          }
          substituted.inc();
          used = spec.plan().substitute(image, epoch, attempt);
        }
      }
      for (int view = 0; view < spec.settings().viewsPerImage(); view++) {
        Objects.requireNonNull(augmenter)
            .augment(
                picture,
                spec.settings().streams(),
                used,
                epoch,
                view,
                out,
                offset + view * spec.settings().views().viewBytes());
      }
      return used;
    }

    private static byte[] readAlone(ImageRef image) throws RejectedImageException {
      try (ImageReader reader = ImageReader.caching(List.of(image))) {
        return reader.next();
      }
    }

    private ImageRef ref(long image) {
      return Objects.requireNonNull(manifest).images().get((int) image);
    }
  }
}
