package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.rejects.Reject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

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

  private final int chunkSize;

  RecallFindings(int chunkSize) {
    this.chunkSize = chunkSize;
  }

  @Override
  public PCollectionTuple expand(PCollectionTuple listed) {
    KvCoder<String, OfFile> coder = KvCoder.of(StringUtf8Coder.of(), new OfFile.OfFileCoder());
    // Beam's join keeps 10,000 values of a key, and reads others twice, which Flink does not allow.
    PCollectionTuple divided =
        PCollectionList.of(
                listed
                    .get(ListImages.CHUNKS)
                    .apply("Images", ParDo.of(new FilesFn(Kind.IMAGE)))
                    .setCoder(coder))
            .and(
                listed
                    .get(ListImages.UNKNOWN)
                    .apply("Maybes", ParDo.of(new FilesFn(Kind.MAYBE)))
                    .setCoder(coder))
            .and(
                listed
                    .get(ListImages.SHARDS)
                    .apply("Shards", ParDo.of(new ShardsFn()))
                    .setCoder(coder))
            .and(listed.get(KNOWN).apply("Findings", ParDo.of(new FindingsFn())).setCoder(coder))
            .apply("Flatten", Flatten.pCollections())
            .apply("Join", GroupByKey.create())
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

  /** What a file may be, going by its name, or that this was found in it. */
  private enum Kind {
    IMAGE,
    MAYBE,
    SHARD,
    FINDING
  }

  /**
   * A file as it is listed, or what was found in it.
   *
   * @param file null if there is a finding
   * @param finding null if there is a file
   */
  private record OfFile(Kind kind, @Nullable ImageRef file, @Nullable Finding finding) {
    private static final class OfFileCoder extends AtomicCoder<OfFile> {
      private static final long serialVersionUID = 1;
      private static final Coder<@Nullable ImageRef> FILE = NullableCoder.of(ImageRefCoder.of());
      private static final Coder<@Nullable Finding> FINDING =
          NullableCoder.of(new Finding.FindingCoder());

      @Override
      public void encode(OfFile value, OutputStream out) throws IOException {
        StringUtf8Coder.of().encode(value.kind.name(), out);
        FILE.encode(value.file, out);
        FINDING.encode(value.finding, out);
      }

      @Override
      public OfFile decode(InputStream in) throws IOException {
        return new OfFile(
            Kind.valueOf(StringUtf8Coder.of().decode(in)), FILE.decode(in), FINDING.decode(in));
      }
    }
  }

  private static final class FilesFn extends DoFn<ImageChunk, KV<String, OfFile>> {
    private final Kind kind;

    FilesFn(Kind kind) {
      this.kind = kind;
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<KV<String, OfFile>> out) {
      chunk.images().forEach(file -> out.output(KV.of(file.uri(), new OfFile(kind, file, null))));
    }
  }

  private static final class ShardsFn extends DoFn<Shard, KV<String, OfFile>> {
    @ProcessElement
    public void process(@Element Shard shard, OutputReceiver<KV<String, OfFile>> out) {
      ImageRef file = ImageRef.range(shard.id(), shard.uri(), 0, 0, null).withMark(shard.mark());
      out.output(KV.of(shard.uri(), new OfFile(Kind.SHARD, file, null)));
    }
  }

  private static final class FindingsFn extends DoFn<KV<String, Finding>, KV<String, OfFile>> {
    @ProcessElement
    public void process(
        @Element KV<String, Finding> finding, OutputReceiver<KV<String, OfFile>> out) {
      out.output(KV.of(finding.getKey(), new OfFile(Kind.FINDING, null, finding.getValue())));
    }
  }

  private static final class DivideFn extends DoFn<KV<String, Iterable<OfFile>>, ImageChunk> {
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
    public void process(@Element KV<String, Iterable<OfFile>> all, MultiOutputReceiver out) {
      Map<Kind, List<ImageRef>> files = new EnumMap<>(Kind.class);
      List<Finding> newest = new ArrayList<>();
      for (OfFile one : all.getValue()) {
        if (one.finding != null) {
          one.finding.addTo(newest);
        } else if (one.file != null) {
          files.computeIfAbsent(one.kind, kind -> new ArrayList<>()).add(one.file);
        }
      }
      files.forEach(
          (kind, listed) -> {
            for (ImageRef file : unread(listed, newest, kind != Kind.IMAGE, out)) {
              switch (kind) {
                case IMAGE -> keep(ListImages.CHUNKS, file, out);
                case MAYBE -> keep(ListImages.UNKNOWN, file, out);
                default ->
                    out.get(ListImages.SHARDS)
                        .output(new Shard(file.id(), file.uri(), file.mark()));
              }
            }
          });
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
