package io.simclrbeam.transforms.embedding;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.dataset.ReadCurrentView;
import io.simclrbeam.transforms.dataset.ReadCurrentView.Content;
import io.simclrbeam.transforms.dataset.UpdateRecords.Update;
import io.simclrbeam.transforms.dataset.WriteRun;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ImageRefCoder;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.rejects.Reject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the images that no earlier run of the same model has embedded with the same bytes. This
 * is a join on the id, of which a worker holds only its share.
 *
 * <p>Takes {@link ListImages#CHUNKS}, and {@link ListImages#KNOWN_REJECTS} if there are any. Reads
 * every image once to take its SHA-256, unless it is known. Yields {@link #CHUNKS} of the images to
 * embed, {@link #FINDINGS} with the images that it has read, {@link #UPDATED} with the new label
 * and place of each image for which only these have changed, {@link #SKIPPED} with an id for each
 * of the others, {@link #GONE} with the id and last file of each image that was embedded and is not
 * in the input any more, {@link #KNOWN} with the number of images that earlier runs have embedded,
 * and {@link #REJECTS}.
 *
 * <p>An image's id says which image it is. Its place is the file that it is in. So after a folder
 * has moved, all its images have the same ids and other places.
 */
@AutoValue
abstract class ChooseImages extends PTransform<PCollectionTuple, PCollectionTuple> {
  static final TupleTag<ImageChunk> CHUNKS = new TupleTag<>("chunks") {};
  static final TupleTag<ImageRef> FINDINGS = new TupleTag<>("findings") {};
  static final TupleTag<String> SKIPPED = new TupleTag<>("skipped") {};
  static final TupleTag<Update> UPDATED = new TupleTag<>("updated") {};
  static final TupleTag<KV<String, String>> GONE = new TupleTag<>("gone") {};
  static final TupleTag<Long> KNOWN = new TupleTag<>("known") {};
  static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  private static final TupleTag<KV<String, ImageRef>> FOUND = new TupleTag<>("found") {};
  private static final TupleTag<KV<String, ImageRef>> CHOSEN = new TupleTag<>("chosen") {};

  abstract String dataset();

  abstract String modelId();

  abstract int chunkSize();

  abstract boolean withLabels();

  abstract String progress();

  /**
   * Compares with the finished runs of a model, of which there may be none.
   *
   * @param withLabels whether the labels of the input are right; else images keep those that
   *     earlier runs gave them
   * @param progress job whose {@link ImageProgress} expects the images to embed
   */
  static ChooseImages of(
      String dataset, String modelId, int chunkSize, boolean withLabels, String progress) {
    return new AutoValue_ChooseImages(dataset, modelId, chunkSize, withLabels, progress);
  }

  @Override
  public PCollectionTuple expand(PCollectionTuple listed) {
    AvroCoder<GenericRecord> rejectCoder = AvroCoder.of(Reject.SCHEMA);
    KvCoder<String, ImageRef> imageCoder = KvCoder.of(StringUtf8Coder.of(), ImageRefCoder.of());
    PCollectionTuple hashed =
        listed
            .get(ListImages.CHUNKS)
            .apply(
                "Digest",
                ParDo.of(new DigestFn())
                    .withOutputTags(FOUND, TupleTagList.of(FINDINGS).and(REJECTS)));
    PCollectionList<KV<String, ImageRef>> images =
        PCollectionList.of(hashed.get(FOUND).setCoder(imageCoder));
    if (listed.has(ListImages.KNOWN_REJECTS)) {
      images =
          images.and(
              listed
                  .get(ListImages.KNOWN_REJECTS)
                  .apply("Rejected", ParDo.of(new RejectedFn()))
                  .setCoder(imageCoder));
    }
    PCollection<KV<String, Content>> known =
        listed.getPipeline().apply("ReadContents", ReadCurrentView.contents(dataset(), modelId()));
    TupleTag<ImageRef> found = new TupleTag<>("found") {};
    TupleTag<Content> content = new TupleTag<>("content") {};
    PCollectionTuple compared =
        KeyedPCollectionTuple.of(found, images.apply("Found", Flatten.pCollections()))
            .and(content, known)
            .apply("Join", CoGroupByKey.create())
            .apply(
                "Compare",
                ParDo.of(new CompareFn(found, content, withLabels(), progress()))
                    .withOutputTags(
                        CHOSEN, TupleTagList.of(SKIPPED).and(UPDATED).and(GONE).and(REJECTS)));
    PCollection<ImageChunk> chosen =
        compared
            .get(CHOSEN)
            .setCoder(imageCoder)
            .apply("Neighbors", GroupByKey.create())
            .apply("Chunk", ParDo.of(new ChunkFn(chunkSize())))
            .apply("SpreadChunks", Reshuffle.viaRandomKey());
    return PCollectionTuple.of(CHUNKS, chosen)
        .and(FINDINGS, hashed.get(FINDINGS).setCoder(ImageRefCoder.of()))
        .and(SKIPPED, compared.get(SKIPPED))
        .and(UPDATED, compared.get(UPDATED).setCoder(SerialCoder.of(Update.class)))
        .and(
            GONE,
            compared.get(GONE).setCoder(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of())))
        .and(KNOWN, known.apply("CountKnown", Count.globally()))
        .and(
            REJECTS,
            PCollectionList.of(hashed.get(REJECTS).setCoder(rejectCoder))
                .and(compared.get(REJECTS).setCoder(rejectCoder))
                .apply("Rejects", Flatten.pCollections()));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.add(DisplayData.item("dataset", dataset())).add(DisplayData.item("model", modelId()));
  }

  /** An image of the input, of which nothing more is known. */
  private static ImageRef unreadable(String id, String uri) {
    return ImageRef.range(id, uri, 0, 0, null);
  }

  private static final class RejectedFn extends DoFn<GenericRecord, KV<String, ImageRef>> {
    @ProcessElement
    public void process(@Element GenericRecord reject, OutputReceiver<KV<String, ImageRef>> out) {
      String id = reject.get("id").toString();
      out.output(KV.of(id, unreadable(id, reject.get("uri").toString())));
    }
  }

  /** Yields ids and images: with the SHA-256 of their bytes, or unreadable. */
  private static final class DigestFn extends DoFn<ImageChunk, KV<String, ImageRef>> {
    @ProcessElement
    public void process(@Element ImageChunk chunk, MultiOutputReceiver out) {
      List<ImageRef> unknown = new ArrayList<>();
      for (ImageRef image : chunk.images()) {
        if (image.contentSha256() == null) {
          unknown.add(image);
        } else {
          out.get(FOUND).output(KV.of(image.id(), image));
        }
      }
      try (ImageReader reader = ImageReader.of(unknown)) {
        for (ImageRef image : unknown) {
          ImageRef ref = unreadable(image.id(), image.uri());
          try {
            ref = image.withContentSha256(Sha256.of(reader.next()));
            if (ref.mark() != null) {
              out.get(FINDINGS).output(ref);
            }
          } catch (RejectedImageException e) {
            out.get(REJECTS).output(Reject.of(image.uri(), image.id(), WriteRun.JOB, e));
          }
          out.get(FOUND).output(KV.of(image.id(), ref));
        }
      }
    }
  }

  private static final class CompareFn extends DoFn<KV<String, CoGbkResult>, KV<String, ImageRef>> {
    /** Images this close in a shard are read together. */
    private static final int NEIGHBORHOOD_BITS = 25;

    /**
     * A worker holds the references to one group while it cuts it into chunks: 8 MB of a million.
     */
    private static final int GROUPS_OF_FILES = 64;

    private final TupleTag<ImageRef> found;
    private final TupleTag<Content> content;
    private final boolean withLabels;
    private final String progress;
    private final Counter skipped = Metrics.counter(ChooseImages.class, "images_skipped");

    CompareFn(
        TupleTag<ImageRef> found, TupleTag<Content> content, boolean withLabels, String progress) {
      this.found = found;
      this.content = content;
      this.withLabels = withLabels;
      this.progress = progress;
    }

    @ProcessElement
    public void process(@Element KV<String, CoGbkResult> image, MultiOutputReceiver out) {
      @Nullable Content known = image.getValue().getOnly(content, null);
      List<ImageRef> refs = new ArrayList<>();
      boolean there = false;
      for (ImageRef ref : image.getValue().getAll(found)) {
        there = true;
        if (ref.contentSha256() != null) {
          refs.add(ref);
        }
      }
      if (!there) {
        if (known != null) {
          out.get(GONE).output(KV.of(image.getKey(), known.uri()));
        }
        return;
      }
      // Of several images with one id every run takes the same. Else they would replace each other.
      refs.sort(Comparator.comparing(ImageRef::uri).thenComparingLong(ImageRef::offset));
      for (int i = 0; i < refs.size(); i++) {
        ImageRef ref = refs.get(i);
        if (i > 0) {
          out.get(REJECTS)
              .output(
                  Reject.of(
                      ref.uri(),
                      ref.id(),
                      WriteRun.JOB,
                      RejectReason.DUPLICATE_ID,
                      "an image of the same id is in " + refs.get(0).uri()));
        } else {
          choose(withLabels || known == null ? ref : ref.withLabel(known.label()), known, out);
        }
      }
    }

    private void choose(ImageRef ref, @Nullable Content known, MultiOutputReceiver out) {
      if (known == null || !known.sha256().equals(ref.contentSha256())) {
        ImageProgress.expect(progress, 1);
        out.get(CHOSEN).output(KV.of(neighborhood(ref), ref));
      } else if (known.uri().equals(ref.uri()) && Objects.equals(known.label(), ref.label())) {
        skipped.inc();
        out.get(SKIPPED).output(ref.id());
      } else {
        out.get(UPDATED).output(new Update(known.part(), known.number(), ref.uri(), ref.label()));
      }
    }

    private static String neighborhood(ImageRef ref) {
      return ref.offset() == 0 && ref.record() == null
          ? "file " + Math.floorMod(ref.id().hashCode(), GROUPS_OF_FILES)
          : ref.uri() + " " + (ref.offset() >> NEIGHBORHOOD_BITS);
    }
  }

  private static final class ChunkFn extends DoFn<KV<String, Iterable<ImageRef>>, ImageChunk> {
    private final int chunkSize;

    ChunkFn(int chunkSize) {
      this.chunkSize = chunkSize;
    }

    @ProcessElement
    public void process(
        @Element KV<String, Iterable<ImageRef>> neighbors, OutputReceiver<ImageChunk> out) {
      List<ImageRef> images = new ArrayList<>();
      neighbors.getValue().forEach(images::add);
      images.sort(Comparator.comparing(ImageRef::uri).thenComparingLong(ImageRef::offset));
      for (int from = 0; from < images.size(); from += chunkSize) {
        out.output(ImageChunk.of(images.subList(from, Math.min(from + chunkSize, images.size()))));
      }
    }
  }
}
