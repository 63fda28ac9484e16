package io.simclrbeam.transforms.views;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.PictureFile;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.transforms.images.DrawImages;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Draws some images, chosen by the seed, and views of them, as a {@link ViewSheet}. Yields {@link
 * #ROWS}, the number of images drawn, and {@link #REJECTS}. If none of the images chosen can be
 * decoded, there is neither a number nor a file.
 */
@AutoValue
public abstract class DrawViews extends PTransform<PCollection<ImageChunk>, PCollectionTuple> {
  /** The number of images drawn. */
  public static final TupleTag<Integer> ROWS = new TupleTag<>("rows") {};

  /** {@link Reject} records of the images that were chosen, but are not usable. */
  public static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  /** The name of this job's rejects. */
  public static final String JOB = "views";

  /** More images are chosen than drawn, as some may be unusable. */
  private static final int CANDIDATES_PER_IMAGE = 4;

  abstract ExifOrientation exifOrientation();

  abstract long maxPixels();

  abstract AugmentSettings settings();

  abstract long seed();

  abstract int images();

  abstract int pairs();

  abstract String folder();

  abstract String file();

  /**
   * Draws views.
   *
   * @param images rows of the sheet
   * @param pairs pairs of views in a row
   * @param folder in which the file is written
   * @param file name of the file, whose end {@link PictureFile} knows
   * @throws IllegalArgumentException if there are fewer than 1 image or pair, or a name is blank or
   *     ends otherwise
   */
  public static DrawViews of(
      AugmentSettings settings, long seed, int images, int pairs, String folder, String file) {
    if (images < 1 || pairs < 1) {
      throw new IllegalArgumentException(
          "the sheet has %d images and %d pairs of views, but must have at least 1 of each"
              .formatted(images, pairs));
    }
    BeamFileStore.checkFolder(folder);
    PictureFile.of(file);
    return new AutoValue_DrawViews(
        ExifOrientation.IGNORE,
        ImageDecoder.MAX_STORED_PIXELS,
        settings,
        seed,
        images,
        pairs,
        folder,
        file);
  }

  /** Returns this with another treatment of the EXIF orientation. */
  public DrawViews withExifOrientation(ExifOrientation orientation) {
    return new AutoValue_DrawViews(
        orientation, maxPixels(), settings(), seed(), images(), pairs(), folder(), file());
  }

  /** Returns this with another limit: a picture of more pixels is rejected. */
  public DrawViews withMaxPixels(long maxPixels) {
    return new AutoValue_DrawViews(
        exifOrientation(), maxPixels, settings(), seed(), images(), pairs(), folder(), file());
  }

  @Override
  public PCollectionTuple expand(PCollection<ImageChunk> chunks) {
    PCollectionTuple drawn =
        chunks
            .apply("Count", ParDo.of(new CountFn(folder() + file())))
            .setCoder(chunks.getCoder())
            .apply("Choose", DrawImages.of(seed(), CANDIDATES_PER_IMAGE * images()))
            .apply(
                "Draw", ParDo.of(new DrawFn(this)).withOutputTags(ROWS, TupleTagList.of(REJECTS)));
    drawn.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    return drawn;
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("images", images()).withLabel("Images To Draw"))
        .add(DisplayData.item("pairs", pairs()).withLabel("Pairs Of Views Of An Image"))
        .add(DisplayData.item("viewSize", settings().size()).withLabel("Side Of A View In Pixels"))
        .add(DisplayData.item("seed", seed()).withLabel("Seed"))
        .add(DisplayData.item("file", folder() + file()).withLabel("Output File"));
  }

  /** Shows how many images there are so far, as listing many takes longer than drawing some. */
  private static final class CountFn extends DoFn<ImageChunk, ImageChunk> {
    private final String job;
    private transient @Nullable ImageProgress progress;

    CountFn(String file) {
      job = "list " + file;
    }

    @Setup
    public void setup() {
      progress = ImageProgress.enter(job, "found");
    }

    @Teardown
    public void teardown() {
      Objects.requireNonNull(progress).leave();
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<ImageChunk> out) {
      out.output(chunk);
      Objects.requireNonNull(progress).add(chunk.images().size());
    }
  }

  private static final class DrawFn extends DoFn<List<ImageRef>, Integer> {
    private final ExifOrientation exifOrientation;
    private final long maxPixels;
    private final AugmentSettings settings;
    private final long seed;
    private final int images;
    private final int pairs;
    private final String folder;
    private final String file;
    private transient @Nullable ImageProgress progress;

    DrawFn(DrawViews spec) {
      exifOrientation = spec.exifOrientation();
      maxPixels = spec.maxPixels();
      settings = spec.settings();
      seed = spec.seed();
      images = spec.images();
      pairs = spec.pairs();
      folder = spec.folder();
      file = spec.file();
    }

    @Setup
    public void setup() {
      progress = ImageProgress.enter(folder + file, "drawn");
    }

    @Teardown
    public void teardown() {
      Objects.requireNonNull(progress).leave();
    }

    @ProcessElement
    public void process(@Element List<ImageRef> candidates, MultiOutputReceiver out)
        throws IOException {
      ImageProgress.expect(folder + file, Math.min(images, candidates.size()));
      ImageDecoder decoder = new ImageDecoder(exifOrientation, maxPixels);
      ViewSheet sheet = new ViewSheet(settings, seed, pairs);
      try (ImageReader reader = ImageReader.of(candidates)) {
        for (ImageRef image : candidates) {
          try {
            sheet.add(image.id(), decoder.decode(reader.next()));
            Objects.requireNonNull(progress).add(1);
          } catch (RejectedImageException e) {
            out.get(REJECTS).output(Reject.of(image.uri(), image.id(), JOB, e));
          }
          if (sheet.rows() == images) {
            break;
          }
        }
      }
      if (sheet.rows() > 0) {
        byte[] encoded = PictureFile.of(file).encode(sheet.draw());
        new BeamFileStore(folder).write(file, picture -> picture.write(encoded));
        out.get(ROWS).output(sheet.rows());
      }
    }
  }
}
