package io.simclrbeam.transforms.index;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.ImageFormat;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.rejects.WriteRejects;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;

/**
 * Reads and decodes every image of a data set once, and writes {@code manifest.avro} with the
 * usable ones and {@code rejects-index-*.avro} with the others. Yields the number of usable images;
 * nothing where there are none, and then there is no manifest either.
 */
@AutoValue
public abstract class IndexImages extends PTransform<PBegin, PCollection<Long>> {
  /** The name of this job's rejects. */
  public static final String JOB = "index";

  private static final TupleTag<ManifestChunk> ENTRIES = new TupleTag<>() {};
  private static final TupleTag<GenericRecord> REJECTS = new TupleTag<>() {};

  abstract List<String> inputs();

  abstract String folder();

  /** Indexes inputs as {@link ListImages} takes them. */
  public static IndexImages of(List<String> inputs, String folder) {
    return new AutoValue_IndexImages(List.copyOf(inputs), folder);
  }

  @Override
  public PCollection<Long> expand(PBegin begin) {
    PCollectionTuple listed = begin.apply("List", ListImages.in(inputs()));
    PCollectionTuple inspected =
        listed
            .get(ListImages.CHUNKS)
            .apply(
                "Inspect",
                ParDo.of(new InspectFn()).withOutputTags(ENTRIES, TupleTagList.of(REJECTS)));
    PCollectionList.of(listed.get(ListImages.REJECTS))
        .and(inspected.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA)))
        .apply("Rejects", Flatten.pCollections())
        .apply("WriteRejects", WriteRejects.to(folder(), JOB));
    return inspected
        .get(ENTRIES)
        .apply("Gather", WithKeys.of(0))
        .apply("Group", GroupByKey.create())
        .apply("WriteManifest", ParDo.of(new WriteManifestFn(inputs(), folder())))
        .setCoder(VarLongCoder.of());
  }

  private static final class InspectFn extends DoFn<ImageChunk, ManifestChunk> {
    private final Counter indexed = Metrics.counter(IndexImages.class, "images_indexed");
    private final Counter rejected = Metrics.counter(IndexImages.class, "images_rejected");

    @ProcessElement
    public void process(@Element ImageChunk chunk, MultiOutputReceiver out) {
      ArrayList<ManifestEntry> entries = new ArrayList<>();
      try (ImageReader reader = new ImageReader()) {
        for (ImageRef image : chunk.images()) {
          try {
            entries.add(inspect(image, reader.read(image)));
          } catch (RejectedImageException e) {
            rejected.inc();
            out.get(REJECTS).output(Reject.of(image.uri(), image.id(), JOB, e));
          }
        }
      }
      indexed.inc(entries.size());
      if (!entries.isEmpty()) {
        out.get(ENTRIES).output(new ManifestChunk(entries));
      }
    }

    private static ManifestEntry inspect(ImageRef image, byte[] encoded)
        throws RejectedImageException {
      RgbImage picture = ImageDecoder.decode(encoded);
      String format =
          ImageFormat.of(encoded).map(f -> f.name().toLowerCase(Locale.ROOT)).orElse("unknown");
      return new ManifestEntry(
          image, picture.width(), picture.height(), format, Sha256.of(encoded));
    }
  }

  private static final class WriteManifestFn
      extends DoFn<KV<Integer, Iterable<ManifestChunk>>, Long> {
    private final ArrayList<String> inputs;
    private final String folder;

    WriteManifestFn(List<String> inputs, String folder) {
      this.inputs = new ArrayList<>(inputs);
      this.folder = folder;
    }

    @ProcessElement
    public void process(@Element KV<Integer, Iterable<ManifestChunk>> all, OutputReceiver<Long> out)
        throws IOException {
      List<ManifestEntry> entries = new ArrayList<>();
      for (ManifestChunk chunk : all.getValue()) {
        entries.addAll(chunk.entries());
      }
      Manifest.write(new BeamFileStore(folder), inputs, entries);
      out.output((long) entries.size());
    }
  }
}
