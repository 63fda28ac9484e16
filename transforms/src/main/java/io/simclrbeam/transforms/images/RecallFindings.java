package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.rejects.Reject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;

/**
 * Divides listed files into those that an earlier job has read as they are now, and the others.
 * Takes {@link #KNOWN}. Takes and yields {@link ListImages#CHUNKS}, {@link ListImages#UNKNOWN} and
 * {@link ListImages#SHARDS}. Of a known file it yields what was found in it: images with the
 * SHA-256 of their bytes, {@link ListImages#REJECTS} of what could not be listed, and {@link
 * ListImages#KNOWN_REJECTS} of the rest.
 */
final class RecallFindings extends PTransform<PCollectionTuple, PCollectionTuple> {
  private static final long serialVersionUID = 1;

  /** What is known, by the addresses of files. */
  static final TupleTag<KV<String, Finding>> KNOWN = new TupleTag<>("known") {};

  private static final TupleTag<ImageRef> IMAGES = new TupleTag<>("images") {};
  private static final TupleTag<ImageRef> MAYBES = new TupleTag<>("maybes") {};
  private static final TupleTag<ImageRef> SHARDS = new TupleTag<>("shards") {};
  private static final TupleTag<Finding> FINDINGS = new TupleTag<>("findings") {};

  private final int chunkSize;

  RecallFindings(int chunkSize) {
    this.chunkSize = chunkSize;
  }

  @Override
  public PCollectionTuple expand(PCollectionTuple listed) {
    KvCoder<String, ImageRef> coder = KvCoder.of(StringUtf8Coder.of(), ImageRefCoder.of());
    PCollectionTuple divided =
        KeyedPCollectionTuple.of(
                IMAGES,
                listed
                    .get(ListImages.CHUNKS)
                    .apply("Images", ParDo.of(new FilesFn()))
                    .setCoder(coder))
            .and(
                MAYBES,
                listed
                    .get(ListImages.UNKNOWN)
                    .apply("Maybes", ParDo.of(new FilesFn()))
                    .setCoder(coder))
            .and(
                SHARDS,
                listed
                    .get(ListImages.SHARDS)
                    .apply("Shards", ParDo.of(new ShardsFn()))
                    .setCoder(coder))
            .and(FINDINGS, listed.get(KNOWN))
            .apply("Join", CoGroupByKey.create())
            .apply(
                "Divide",
                ParDo.of(new DivideFn(chunkSize))
                    .withOutputTags(
                        ListImages.CHUNKS,
                        TupleTagList.of(ListImages.UNKNOWN)
                            .and(ListImages.SHARDS)
                            .and(ListImages.REJECTS)
                            .and(ListImages.KNOWN_REJECTS)));
    divided.get(ListImages.REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    divided.get(ListImages.KNOWN_REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    return divided;
  }

  private static final class FilesFn extends DoFn<ImageChunk, KV<String, ImageRef>> {
    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<KV<String, ImageRef>> out) {
      chunk.images().forEach(file -> out.output(KV.of(file.uri(), file)));
    }
  }

  private static final class ShardsFn extends DoFn<Shard, KV<String, ImageRef>> {
    @ProcessElement
    public void process(@Element Shard shard, OutputReceiver<KV<String, ImageRef>> out) {
      ImageRef file = ImageRef.range(shard.id(), shard.uri(), 0, 0, null).withMark(shard.mark());
      out.output(KV.of(shard.uri(), file));
    }
  }

  private static final class DivideFn extends DoFn<KV<String, CoGbkResult>, ImageChunk> {
    private final int chunkSize;
    private final Counter unread = Metrics.counter(RecallFindings.class, "files_unread");
    private final Counter rejectsKnown = Metrics.counter(RecallFindings.class, "rejects_known");
    private transient Map<TupleTag<ImageChunk>, List<ImageRef>> waiting = new LinkedHashMap<>();

    DivideFn(int chunkSize) {
      this.chunkSize = chunkSize;
    }

    @StartBundle
    public void startBundle() {
      waiting = new LinkedHashMap<>();
    }

    @ProcessElement
    public void process(@Element KV<String, CoGbkResult> file, MultiOutputReceiver out) {
      List<Finding> newest = Finding.newest(file.getValue().getAll(FINDINGS));
      for (ImageRef image : unread(file.getValue().getAll(IMAGES), newest, false, out)) {
        keep(ListImages.CHUNKS, image, out);
      }
      for (ImageRef maybe : unread(file.getValue().getAll(MAYBES), newest, true, out)) {
        keep(ListImages.UNKNOWN, maybe, out);
      }
      for (ImageRef shard : unread(file.getValue().getAll(SHARDS), newest, true, out)) {
        out.get(ListImages.SHARDS).output(new Shard(shard.id(), shard.uri(), shard.mark()));
      }
    }

    /** Yields what is known of files, and returns the others. */
    private List<ImageRef> unread(
        Iterable<ImageRef> files,
        List<Finding> findings,
        boolean mayBeShards,
        MultiOutputReceiver out) {
      List<ImageRef> others = new ArrayList<>();
      for (ImageRef file : files) {
        if (isAsFound(file, mayBeShards, findings)) {
          recall(file, findings, out);
        } else {
          others.add(file);
        }
      }
      return others;
    }

    @FinishBundle
    public void finishBundle(FinishBundleContext context) {
      waiting.forEach(
          (tag, images) ->
              context.output(
                  tag,
                  ImageChunk.of(images),
                  BoundedWindow.TIMESTAMP_MIN_VALUE,
                  GlobalWindow.INSTANCE));
    }

    private static boolean isAsFound(ImageRef file, boolean mayBeShard, List<Finding> findings) {
      if (file.mark() == null || findings.stream().allMatch(finding -> finding.image() == null)) {
        return false; // rejects alone do not say which mark the file had
      }
      for (Finding finding : findings) {
        ImageRef image = finding.image();
        if (image == null
            ? !finding.isFinal()
            : !file.mark().equals(image.mark())
                || !(image.id().equals(file.id())
                    || (mayBeShard && image.id().startsWith(file.id() + "/")))) {
          return false;
        }
      }
      return true;
    }

    private void recall(ImageRef file, List<Finding> findings, MultiOutputReceiver out) {
      unread.inc();
      Set<String> rejected = new HashSet<>();
      for (Finding finding : findings) {
        GenericRecord reject = finding.reject();
        if (reject != null) {
          rejectsKnown.inc();
          rejected.add(reject.get("id").toString());
          boolean listing = reject.get("stage").toString().equals(ListImages.STAGE);
          out.get(listing ? ListImages.REJECTS : ListImages.KNOWN_REJECTS).output(reject);
        }
      }
      for (Finding finding : findings) {
        ImageRef image = finding.image();
        if (image != null && !rejected.contains(image.id())) {
          // A file's label may come from its folder, which another input may see otherwise.
          boolean whole = image.id().equals(file.id());
          keep(ListImages.CHUNKS, whole ? image.withLabel(file.label()) : image, out);
        }
      }
    }

    private void keep(TupleTag<ImageChunk> tag, ImageRef image, MultiOutputReceiver out) {
      List<ImageRef> images = waiting.computeIfAbsent(tag, any -> new ArrayList<>());
      images.add(image);
      if (images.size() == chunkSize) {
        out.get(tag).output(ImageChunk.of(images));
        waiting.remove(tag);
      }
    }
  }
}
