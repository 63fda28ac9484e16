package io.simclrbeam.transforms.index;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.ImageFormat;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageFilter;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.rejects.WriteRejects;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Reads and decodes every image of a data set once. Writes {@code manifest.avro} with the usable
 * ones, {@code rejects-index-*.avro} with the others, and {@code duplicates.avro} with groups of
 * images of the same bytes. Yields the number of usable images; nothing if there are none, and then
 * there is no manifest either.
 *
 * <pre>{@code
 * pipeline.apply(IndexImages.of(List.of("gs://bucket/photos"), "gs://bucket/index"));
 * pipeline.run().waitUntilFinish();
 * Manifest manifest = Manifest.read(new BeamFileStore("gs://bucket/index"));
 * }</pre>
 */
@AutoValue
public abstract class IndexImages extends PTransform<PBegin, PCollection<Long>> {
  /** The name of this job's rejects. */
  public static final String JOB = "index";

  /** The name of the file with groups of images of the same bytes. */
  public static final String DUPLICATES = WriteDuplicates.FILE;

  /** What the names of the tar files start with into which images are packed. */
  public static final String PACK = "pack-";

  private static final TupleTag<GenericRecord> ENTRIES = new TupleTag<>("entries") {};
  private static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  abstract List<String> inputs();

  abstract RecordFields fields();

  abstract ImageFilter filter();

  abstract long maxPixels();

  abstract String folder();

  abstract @Nullable PackImages pack();

  /**
   * Indexes inputs as {@link ListImages} takes them.
   *
   * @param folder for the files that are written
   * @throws IllegalArgumentException if there are no inputs, or one of them or the folder is blank
   */
  public static IndexImages of(List<String> inputs, String folder) {
    ListImages.in(inputs); // checks them
    BeamFileStore.checkFolder(folder);
    return new AutoValue_IndexImages(
        List.copyOf(inputs),
        RecordFields.AUTO,
        ImageFilter.ALL,
        ImageDecoder.MAX_STORED_PIXELS,
        folder,
        null);
  }

  /** Returns this with other fields of records and samples in shards. */
  public IndexImages withFields(RecordFields fields) {
    return new AutoValue_IndexImages(inputs(), fields, filter(), maxPixels(), folder(), pack());
  }

  /** Returns this for some of the images. */
  public IndexImages withFilter(ImageFilter filter) {
    return new AutoValue_IndexImages(inputs(), fields(), filter, maxPixels(), folder(), pack());
  }

  /** Returns this with another limit: a picture of more pixels is rejected. */
  public IndexImages withMaxPixels(long maxPixels) {
    return new AutoValue_IndexImages(inputs(), fields(), filter(), maxPixels, folder(), pack());
  }

  /**
   * Returns this with a copy of the usable images in tar files of about 256 MB, to which the
   * manifest leads. Any image of them is read with one short read. That takes about as much room as
   * the images.
   *
   * @param into folder for the tar files, which has none yet
   * @throws IllegalArgumentException if it is blank
   */
  public IndexImages packedInto(String into) {
    return packedInto(into, PackImages.SHARD_BYTES);
  }

  IndexImages packedInto(String into, long shardBytes) {
    BeamFileStore.checkFolder(into);
    return new AutoValue_IndexImages(
        inputs(), fields(), filter(), maxPixels(), folder(), PackImages.into(into, shardBytes));
  }

  @Override
  public PCollection<Long> expand(PBegin begin) {
    PCollectionTuple listed =
        begin.apply(
            "List",
            ListImages.in(inputs())
                .withFields(fields())
                .withFilter(filter())
                .withProgressOf(folder()));
    PCollectionTuple inspected =
        listed
            .get(ListImages.CHUNKS)
            .apply(
                "Inspect",
                ParDo.of(new InspectFn(folder(), maxPixels()))
                    .withOutputTags(ENTRIES, TupleTagList.of(REJECTS)));
    PCollection<GenericRecord> entries =
        inspected.get(ENTRIES).setCoder(AvroCoder.of(ManifestRecord.SCHEMA));
    PCollectionList<GenericRecord> rejects =
        PCollectionList.of(listed.get(ListImages.REJECTS))
            .and(inspected.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA)));
    if (pack() != null) {
      PCollectionTuple packed = entries.apply("Pack", pack());
      entries = packed.get(PackImages.ENTRIES).setCoder(AvroCoder.of(ManifestRecord.SCHEMA));
      rejects = rejects.and(packed.get(PackImages.REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA)));
    }
    rejects
        .apply("Rejects", Flatten.pCollections())
        .apply("WriteRejects", WriteRejects.to(folder(), JOB));
    entries.apply("WriteDuplicates", WriteDuplicates.to(folder()));
    return entries.apply(
        "WriteManifest", WriteManifest.to(folder(), Manifest.asked(inputs(), filter())));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("inputs", String.join(", ", inputs())).withLabel("Inputs"))
        .add(DisplayData.item("folder", folder()).withLabel("Output Folder"));
  }

  private static final class InspectFn extends DoFn<ImageChunk, GenericRecord> {
    private final Counter indexed = Metrics.counter(IndexImages.class, "images_indexed");
    private final Counter rejected = Metrics.counter(IndexImages.class, "images_rejected");
    private final String folder;
    private final long maxPixels;
    private transient @Nullable ImageDecoder decoder;
    private transient @Nullable ImageProgress progress;

    InspectFn(String folder, long maxPixels) {
      this.folder = folder;
      this.maxPixels = maxPixels;
    }

    @Setup
    public void setup() {
      decoder = new ImageDecoder(ExifOrientation.IGNORE, maxPixels);
      progress = ImageProgress.enter(folder, "checked");
    }

    @Teardown
    public void teardown() {
      Objects.requireNonNull(progress).leave();
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, MultiOutputReceiver out) {
      try (ImageReader reader = ImageReader.of(chunk.images())) {
        for (ImageRef image : chunk.images()) {
          try {
            out.get(ENTRIES).output(inspect(image, reader.next()));
            indexed.inc();
          } catch (RejectedImageException e) {
            rejected.inc();
            out.get(REJECTS).output(Reject.of(image.uri(), image.id(), JOB, e));
          }
          Objects.requireNonNull(progress).add(1);
        }
      }
    }

    private GenericRecord inspect(ImageRef image, byte[] encoded) throws RejectedImageException {
      RgbImage picture = Objects.requireNonNull(decoder).decode(encoded);
      String format =
          ImageFormat.of(encoded).map(f -> f.name().toLowerCase(Locale.ROOT)).orElse("unknown");
      return ManifestRecord.of(
          image, encoded.length, picture.width(), picture.height(), format, Sha256.of(encoded));
    }
  }
}
