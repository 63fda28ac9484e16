package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.rejects.Reject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
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

  private static final TupleTag<KV<Integer, ImageRef>> LISTED = new TupleTag<>("listed") {};
  private static final TupleTag<Finding> FINDINGS = new TupleTag<>("findings") {};

  /** What a file was taken for when it was listed. */
  private static final int IMAGE = 0;

  private static final int MAYBE = 1;
  private static final int SHARD = 2;

  private final int chunkSize;

  RecallFindings(int chunkSize) {
    this.chunkSize = chunkSize;
  }

  @Override
  public PCollectionTuple expand(PCollectionTuple listed) {
    KvCoder<String, KV<Integer, ImageRef>> coder =
        KvCoder.of(StringUtf8Coder.of(), KvCoder.of(VarIntCoder.of(), ImageRefCoder.of()));
    PCollection<KV<String, KV<Integer, ImageRef>>> files =
        PCollectionList.of(
                listed
                    .get(ListImages.CHUNKS)
                    .apply("Images", ParDo.of(new FilesFn(IMAGE)))
                    .setCoder(coder))
            .and(
                listed
                    .get(ListImages.UNKNOWN)
                    .apply("Unknown", ParDo.of(new FilesFn(MAYBE)))
                    .setCoder(coder))
            .and(
                listed
                    .get(ListImages.SHARDS)
                    .apply("Shards", ParDo.of(new ShardsFn()))
                    .setCoder(coder))
            .apply("Files", Flatten.pCollections());
    PCollectionTuple divided =
        KeyedPCollectionTuple.of(LISTED, files)
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

  private static final class FilesFn extends DoFn<ImageChunk, KV<String, KV<Integer, ImageRef>>> {
    private final int kind;

    FilesFn(int kind) {
      this.kind = kind;
    }

    @ProcessElement
    public void process(
        @Element ImageChunk chunk, OutputReceiver<KV<String, KV<Integer, ImageRef>>> out) {
      for (ImageRef file : chunk.images()) {
        out.output(KV.of(file.uri(), KV.of(kind, file)));
      }
    }
  }

  private static final class ShardsFn extends DoFn<Shard, KV<String, KV<Integer, ImageRef>>> {
    @ProcessElement
    public void process(
        @Element Shard shard, OutputReceiver<KV<String, KV<Integer, ImageRef>>> out) {
      ImageRef file = ImageRef.range(shard.id(), shard.uri(), 0, 0, null).withMark(shard.mark());
      out.output(KV.of(shard.uri(), KV.of(SHARD, file)));
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

    /** Takes chunks and records, in a bundle or at its end. */
    private interface Output {
      <T> void put(TupleTag<T> tag, T value);
    }

    @StartBundle
    public void startBundle() {
      waiting = new LinkedHashMap<>();
    }

    @ProcessElement
    public void process(@Element KV<String, CoGbkResult> file, MultiOutputReceiver receiver) {
      Output out =
          new Output() {
            @Override
            public <T> void put(TupleTag<T> tag, T value) {
              receiver.get(tag).output(value);
            }
          };
      List<Finding> newest = newest(file.getValue().getAll(FINDINGS));
      for (KV<Integer, ImageRef> listed : file.getValue().getAll(LISTED)) {
        int kind = listed.getKey();
        ImageRef one = listed.getValue();
        if (isAsFound(one, kind, newest)) {
          recall(one, newest, out);
        } else if (kind == SHARD) {
          out.put(ListImages.SHARDS, new Shard(one.id(), one.uri(), one.mark()));
        } else {
          keep(kind == MAYBE ? ListImages.UNKNOWN : ListImages.CHUNKS, one, out);
        }
      }
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

    /** Returns what the newest run that read the file found in it. */
    private static List<Finding> newest(Iterable<Finding> findings) {
      Map<String, List<Finding>> runs = new LinkedHashMap<>();
      findings.forEach(
          finding -> runs.computeIfAbsent(finding.run(), run -> new ArrayList<>()).add(finding));
      // One that only has rejects has not read the file, but says again what was known of it.
      return runs.values().stream()
          .filter(run -> run.stream().anyMatch(finding -> finding.image() != null))
          .max(Comparator.comparing(run -> run.get(0).run()))
          .orElse(List.of());
    }

    private static boolean isAsFound(ImageRef file, int kind, List<Finding> findings) {
      if (file.mark() == null || findings.isEmpty()) {
        return false;
      }
      for (Finding finding : findings) {
        ImageRef image = finding.image();
        if (image == null
            ? !finding.isFinal()
            : !file.mark().equals(image.mark())
                || !(image.id().equals(file.id()) || isIn(file, kind, image))) {
          return false;
        }
      }
      return true;
    }

    /** Returns whether an id says that an image is in a shard. */
    private static boolean isIn(ImageRef file, int kind, ImageRef image) {
      return kind != IMAGE && image.id().startsWith(file.id() + "/");
    }

    private void recall(ImageRef file, List<Finding> findings, Output out) {
      unread.inc();
      Set<String> rejected = new HashSet<>();
      for (Finding finding : findings) {
        GenericRecord reject = finding.reject();
        if (reject != null) {
          rejectsKnown.inc();
          rejected.add(reject.get("id").toString());
          out.put(
              reject.get("stage").toString().equals(ListImages.STAGE)
                  ? ListImages.REJECTS
                  : ListImages.KNOWN_REJECTS,
              reject);
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

    private void keep(TupleTag<ImageChunk> tag, ImageRef image, Output out) {
      List<ImageRef> images = waiting.computeIfAbsent(tag, any -> new ArrayList<>());
      images.add(image);
      if (images.size() == chunkSize) {
        out.put(tag, ImageChunk.of(images));
        waiting.remove(tag);
      }
    }
  }
}
