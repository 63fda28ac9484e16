package io.simclrbeam.transforms.images;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.FileListing;
import io.simclrbeam.transforms.storage.LocalPaths;
import io.simclrbeam.transforms.storage.PagedStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Finds the images of folders, globs, single files and shards, on any file system that Beam
 * reaches.
 *
 * <pre>{@code
 * PCollectionTuple listed =
 *     pipeline.apply(ListImages.in(List.of("gs://bucket/photos", "/data/train-*.tar")));
 * PCollection<ImageChunk> chunks = listed.get(ListImages.CHUNKS);
 * listed
 *     .get(ListImages.REJECTS)
 *     .apply(WriteRejects.to("gs://bucket/out", "list"));
 * }</pre>
 *
 * <p>A worker reads the images of a chunk with {@link ImageReader}.
 *
 * <p>Shards are files that hold many images: tar files, Avro container files, TFRecord files, and
 * whatever other {@link ShardFormat}s there are. They are known by their names, and some also by
 * their first bytes.
 *
 * <p>Yields {@link #CHUNKS} of at most a given number of images and {@link #REJECTS}: inputs that
 * match nothing, symbolic links that lead to nothing, records without an image, and shards that
 * cannot be read to their end. Links to files and folders are followed.
 *
 * <p>Files that are no images by rule are neither: hidden ones, those that other programs leave
 * behind, such as {@code _SUCCESS} and {@code Thumbs.db}, those whose names say that they are
 * something else, such as sidecars and videos, and those that an {@link ImageFilter} does not
 * choose. They are counted as {@link PassedOver}. A file whose name says nothing is looked at by
 * its first bytes. An input that is the name of a file is always looked at.
 *
 * <p>The id of such a reject is the path below which images may be that were not found: that of a
 * record, of a shard or of a folder, and empty for an input.
 */
@AutoValue
public abstract class ListImages extends PTransform<PBegin, PCollectionTuple> {
  /** Where images are. */
  public static final TupleTag<ImageChunk> CHUNKS = new TupleTag<>("chunks") {};

  /** {@link Reject} records. */
  public static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  /**
   * {@link Reject} records of images that an earlier job read in vain, and that are not read again;
   * only with {@link #withKnown}.
   */
  public static final TupleTag<GenericRecord> KNOWN_REJECTS = new TupleTag<>("knownRejects") {};

  static final TupleTag<Shard> SHARDS = new TupleTag<>("shards") {};
  static final TupleTag<ImageChunk> UNKNOWN = new TupleTag<>("unknown") {};

  /** Folders that are still to be listed, by the inputs that they are in; empty for all of it. */
  static final TupleTag<KV<String, String>> FOLDERS = new TupleTag<>("folders") {};

  static final String STAGE = "list";
  private static final int DEFAULT_CHUNK_SIZE = 256;

  /** No file has such a name, so that to list them takes as little time as can be. */
  private static final String NOTHING = ".simclr-asks-whether-this-place-answers-*";

  abstract List<String> inputs();

  abstract RecordFields fields();

  abstract ImageFilter filter();

  abstract int chunkSize();

  abstract @Nullable String progress();

  abstract @Nullable PTransform<PBegin, PCollection<KV<String, Finding>>> known();

  /**
   * Lists inputs: each a folder, a glob, an image file or a shard.
   *
   * @throws IllegalArgumentException if there are none, or one is blank
   */
  public static ListImages in(List<String> inputs) {
    if (inputs.isEmpty() || inputs.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "the inputs are %s, but must be at least one path, and none blank".formatted(inputs));
    }
    return new AutoValue_ListImages(
        inputs.stream().distinct().toList(),
        RecordFields.AUTO,
        ImageFilter.ALL,
        DEFAULT_CHUNK_SIZE,
        null,
        null);
  }

  /** Returns this with other fields of records and samples in shards. */
  public ListImages withFields(RecordFields fields) {
    return new AutoValue_ListImages(inputs(), fields, filter(), chunkSize(), progress(), known());
  }

  /** Returns this for some of the images. */
  public ListImages withFilter(ImageFilter filter) {
    return new AutoValue_ListImages(inputs(), fields(), filter, chunkSize(), progress(), known());
  }

  /**
   * Returns this with another maximum number of images in a chunk.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public ListImages withChunkSize(int images) {
    ImageChunk.checkSize(images);
    return new AutoValue_ListImages(inputs(), fields(), filter(), images, progress(), known());
  }

  /** Returns this with a count of what is found for the {@link ImageProgress} of a job. */
  public ListImages withProgressOf(@Nullable String job) {
    return new AutoValue_ListImages(inputs(), fields(), filter(), chunkSize(), job, known());
  }

  /**
   * Returns this for files of which some are known. One with the mark that it had is not read: what
   * was found in it is yielded again, images with their SHA-256. A worker holds what is known of
   * one file, about 500 bytes for an image.
   *
   * @param known by the addresses of files
   */
  public ListImages withKnown(PTransform<PBegin, PCollection<KV<String, Finding>>> known) {
    return new AutoValue_ListImages(inputs(), fields(), filter(), chunkSize(), progress(), known);
  }

  /**
   * Asks the file system of an input for it, as the pipeline will, if it is not local. It is enough
   * that the file system answers and knows the bucket; the listing says whether anything is in it.
   *
   * @throws IOException or what the client of the file system throws, if it cannot be reached or
   *     does not let one in
   * @throws IllegalArgumentException if there is no file system for the input's scheme
   */
  public static void checkReachable(String input) throws IOException {
    if (LocalPaths.isLocal(input)
        || InputSpec.isFile(input.endsWith("/") ? input.substring(0, input.length() - 1) : input)) {
      return;
    }
    FileListing.of(InputSpec.fixedFolder(input + "/") + NOTHING);
  }

  /**
   * Looks for a file in an input, or for something that cannot be listed and may hide one. A folder
   * that is neither local nor in a {@link PagedStore} is listed as a whole, which takes a minute
   * for about 400,000 files.
   *
   * @return nothing if there is one; else what the input has that is passed over, which may be none
   * @throws IOException if the input itself cannot be listed
   * @throws IllegalArgumentException if there is no file system for the input's scheme
   */
  public static Optional<PassedOver> onlyPassedOver(String input, ImageFilter filter)
      throws IOException {
    InputSpec.Listing listing = InputSpec.matchAtMost(1, input, filter);
    return listing.isEmpty() ? Optional.of(listing.passedOver()) : Optional.empty();
  }

  /**
   * Counts the images of inputs that are local and have no shards, by their names alone. A picture
   * may still turn out to be none.
   *
   * @param most is returned if there are more
   * @return empty if an input is elsewhere, or has a file that may hold several images
   * @throws IOException if an input cannot be listed
   */
  public static OptionalLong countUpTo(List<String> inputs, ImageFilter filter, int most)
      throws IOException {
    long count = 0;
    for (String input : Set.copyOf(inputs)) {
      if (!LocalPaths.isLocal(input)) {
        return OptionalLong.empty();
      }
      for (ImageRef file : InputSpec.matchAtMost(most, input, filter).files()) {
        if (ShardFormats.of(file.uri()).isPresent() || NameKind.of(file.id()) != NameKind.IMAGE) {
          return OptionalLong.empty();
        }
        count++;
      }
    }
    return OptionalLong.of(Math.min(count, most));
  }

  /**
   * Looks for files of several inputs that have the same id, and so cannot be told apart. Lists all
   * inputs, and holds 8 bytes of each file.
   *
   * @return two such files, or none
   * @throws IOException if an input cannot be listed
   */
  public static List<ImageRef> sameIds(List<String> inputs, ImageFilter filter) throws IOException {
    if (new HashSet<>(inputs).size() < 2) {
      return List.of();
    }
    LongStream.Builder all = LongStream.builder();
    for (String input : Set.copyOf(inputs)) {
      InputSpec.match(
          inputs,
          input,
          filter,
          (listing, files) -> files.forEach(file -> all.add(hash(file.id()))));
    }
    long[] hashes = all.build().sorted().toArray();
    Set<Long> suspects = new HashSet<>();
    for (int i = 1; i < hashes.length; i++) {
      if (hashes[i] == hashes[i - 1]) {
        suspects.add(hashes[i]);
      }
    }
    Map<String, ImageRef> first = new HashMap<>();
    List<ImageRef> same = new ArrayList<>();
    for (String input : suspects.isEmpty() ? Set.<String>of() : new TreeSet<>(inputs)) {
      InputSpec.match(
          inputs,
          input,
          filter,
          (listing, files) -> {
            for (ImageRef file : files) {
              @Nullable ImageRef other =
                  suspects.contains(hash(file.id())) ? first.putIfAbsent(file.id(), file) : null;
              if (other != null && same.isEmpty()) {
                same.addAll(List.of(other, file));
              }
            }
          });
    }
    return same;
  }

  private static long hash(String id) {
    long hash = 0;
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    return hash;
  }

  @Override
  public PCollectionTuple expand(PBegin begin) {
    AvroCoder<GenericRecord> rejectCoder = AvroCoder.of(Reject.SCHEMA);
    PCollectionTuple matched = match(begin);
    PTransform<PBegin, PCollection<KV<String, Finding>>> known = known();
    @Nullable PCollectionTuple compared =
        known == null
            ? null
            : matched
                .and(RecallFindings.KNOWN, begin.apply("ReadFindings", known))
                .apply("Recall", new RecallFindings(chunkSize()));
    PCollectionTuple fresh = compared == null ? matched : compared;
    PCollectionTuple looked =
        fresh
            .get(UNKNOWN)
            .apply("SpreadUnknown", Reshuffle.viaRandomKey())
            .apply(
                "LookAtUnknown",
                ParDo.of(new LookFn()).withOutputTags(CHUNKS, TupleTagList.of(SHARDS)));
    PCollectionTuple scanned =
        PCollectionList.of(fresh.get(SHARDS))
            .and(looked.get(SHARDS))
            .apply("Shards", Flatten.pCollections())
            .apply("SpreadShards", Reshuffle.viaRandomKey())
            .apply(
                "ScanShards",
                ParDo.of(new ScanShardFn(fields(), filter(), chunkSize()))
                    .withOutputTags(CHUNKS, TupleTagList.of(REJECTS)));
    PCollection<ImageChunk> chunks =
        PCollectionList.of(fresh.get(CHUNKS))
            .and(looked.get(CHUNKS))
            .and(scanned.get(CHUNKS))
            .apply("Chunks", Flatten.pCollections())
            .apply("Count", ParDo.of(new CountFn(progress())))
            .apply("SpreadChunks", Reshuffle.viaRandomKey());
    PCollectionList<GenericRecord> rejects =
        PCollectionList.of(matched.get(REJECTS)).and(scanned.get(REJECTS).setCoder(rejectCoder));
    if (compared != null) {
      rejects = rejects.and(compared.get(REJECTS));
    }
    PCollectionTuple found =
        PCollectionTuple.of(CHUNKS, chunks)
            .and(REJECTS, rejects.apply("Rejects", Flatten.pCollections()));
    return compared == null ? found : found.and(KNOWN_REJECTS, compared.get(KNOWN_REJECTS));
  }

  /** Lists inputs. A bucket's folders are listed by many workers. */
  private PCollectionTuple match(PBegin begin) {
    List<String> inputs = inputs();
    boolean paged = inputs.stream().anyMatch(InputSpec::isPaged);
    TupleTagList others = TupleTagList.of(UNKNOWN).and(SHARDS).and(REJECTS);
    PCollectionTuple matched =
        begin
            .apply("Inputs", Create.of(inputs.stream().map(input -> KV.of(input, "")).toList()))
            .apply(
                "Match",
                ParDo.of(new MatchFn(inputs, filter(), chunkSize(), paged))
                    .withOutputTags(CHUNKS, paged ? others.and(FOLDERS) : others));
    matched.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    if (!paged) {
      return matched;
    }
    PCollectionTuple below =
        matched
            .get(FOLDERS)
            .apply("SpreadFolders", Reshuffle.viaRandomKey())
            .apply(
                "MatchFolders",
                ParDo.of(new MatchFn(inputs, filter(), chunkSize(), false))
                    .withOutputTags(CHUNKS, others));
    below.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    return PCollectionTuple.of(CHUNKS, both(CHUNKS, matched, below))
        .and(UNKNOWN, both(UNKNOWN, matched, below))
        .and(SHARDS, both(SHARDS, matched, below))
        .and(REJECTS, both(REJECTS, matched, below));
  }

  private static <T> PCollection<T> both(
      TupleTag<T> tag, PCollectionTuple first, PCollectionTuple second) {
    return PCollectionList.of(first.get(tag))
        .and(second.get(tag))
        .apply("Both-" + tag.getId(), Flatten.pCollections());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("inputs", String.join(", ", inputs())).withLabel("Inputs"))
        .addIfNotNull(DisplayData.item("imageField", fields().image()).withLabel("Image Field"))
        .addIfNotNull(DisplayData.item("labelField", fields().label()).withLabel("Label Field"))
        .addIfNotDefault(
            DisplayData.item("include", String.join(", ", filter().include()))
                .withLabel("Globs Of Wanted Images"),
            "")
        .addIfNotDefault(
            DisplayData.item("exclude", String.join(", ", filter().exclude()))
                .withLabel("Globs Of Unwanted Images"),
            "")
        .add(DisplayData.item("chunkSize", chunkSize()).withLabel("Max Images In A Chunk"));
  }

  /** Lists inputs, and folders of inputs. If they are spread, large folders are left for others. */
  private static final class MatchFn extends DoFn<KV<String, String>, ImageChunk> {
    private final ArrayList<String> inputs;
    private final ImageFilter filter;
    private final int chunkSize;
    private final boolean spread;
    private transient PassedOver passedOver = new PassedOver();

    MatchFn(List<String> inputs, ImageFilter filter, int chunkSize, boolean spread) {
      this.inputs = new ArrayList<>(inputs);
      this.filter = filter;
      this.chunkSize = chunkSize;
      this.spread = spread;
    }

    @Setup
    public void setup() {
      passedOver = new PassedOver();
    }

    @ProcessElement
    public void process(@Element KV<String, String> place, MultiOutputReceiver out)
        throws IOException {
      String input = place.getKey();
      String folder = place.getValue();
      List<String> left = new ArrayList<>();
      InputSpec.Listing.Taker taker = new Sorted(chunkSize, out);
      InputSpec.Listing listing =
          !folder.isEmpty()
              ? InputSpec.matchFolder(inputs, input, folder, filter, taker)
              : spread
                  ? InputSpec.matchSome(inputs, input, filter, taker, left)
                  : InputSpec.match(inputs, input, filter, taker);
      for (String each : left) {
        out.get(FOLDERS).output(KV.of(input, each));
      }
      for (InputSpec.Listing.Missed missed : listing.missed()) {
        out.get(REJECTS)
            .output(
                Reject.of(missed.uri(), missed.id(), STAGE, RejectReason.UNREADABLE, missed.why()));
      }
      if (folder.isEmpty() && listing.isEmpty() && left.isEmpty()) {
        out.get(REJECTS)
            .output(
                Reject.of(
                    input,
                    "",
                    STAGE,
                    RejectReason.UNREADABLE,
                    "the input %s matches no file".formatted(input)));
      }
      passedOver.addAll(listing.passedOver());
      passedOver.report();
    }
  }

  /** Outputs files by what they seem to be. */
  private record Sorted(int chunkSize, DoFn.MultiOutputReceiver out)
      implements InputSpec.Listing.Taker {
    @Override
    public void take(InputSpec.Listing listing, List<ImageRef> files) throws IOException {
      boolean named = listing.isNamed();
      List<ImageRef> images = new ArrayList<>();
      List<ImageRef> unknown = new ArrayList<>();
      for (ImageRef file : files) {
        if (ShardFormats.of(file.uri()).isPresent() || (named && beginsAsShard(file.uri()))) {
          out.get(SHARDS).output(new Shard(file.id(), file.uri(), file.mark()));
        } else if (named || NameKind.of(file.id()) == NameKind.IMAGE) {
          images.add(file);
        } else {
          unknown.add(file);
        }
      }
      output(images, out.get(CHUNKS));
      output(unknown, out.get(UNKNOWN));
    }

    private static boolean beginsAsShard(String uri) throws IOException {
      try {
        return ShardFormats.beginning(ShardFormats.firstBytes(uri)).isPresent();
      } catch (FileNotFoundException e) {
        return false; // the reader of images says so
      }
    }

    private void output(List<ImageRef> images, DoFn.OutputReceiver<ImageChunk> out) {
      images.sort(Comparator.comparing(ImageRef::id));
      for (int from = 0; from < images.size(); from += chunkSize) {
        int to = Math.min(from + chunkSize, images.size());
        out.output(ImageChunk.of(images.subList(from, to)));
      }
    }
  }

  /** Looks at the first bytes of files whose names say nothing. */
  private static final class LookFn extends DoFn<ImageChunk, ImageChunk> {
    private transient PassedOver passedOver = new PassedOver();

    @Setup
    public void setup() {
      passedOver = new PassedOver();
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, MultiOutputReceiver out) {
      List<ImageRef> images = new ArrayList<>();
      try (ImageReader reader =
          ImageReader.of(chunk.images().stream().map(LookFn::beginning).toList())) {
        for (ImageRef file : chunk.images()) {
          byte[] first;
          try {
            first = reader.next();
          } catch (RejectedImageException e) {
            images.add(file); // whoever reads all of it rejects it
            continue;
          }
          if (ShardFormats.beginning(first).isPresent()) {
            out.get(SHARDS).output(new Shard(file.id(), file.uri(), file.mark()));
          } else if (NameKind.ofContent(first) == NameKind.OTHER) {
            passedOver.add(PassedOver.Kind.OTHER, file.id());
          } else {
            images.add(file);
          }
        }
      }
      passedOver.report();
      if (!images.isEmpty()) {
        out.get(CHUNKS).output(ImageChunk.of(images));
      }
    }

    private static ImageRef beginning(ImageRef file) {
      long length = Math.min(file.length(), ShardFormat.FIRST_BYTES);
      return ImageRef.range(file.id(), file.uri(), 0, length, null);
    }
  }

  /** Before chunks are spread, and so before most of them are worked on. */
  private static final class CountFn extends DoFn<ImageChunk, ImageChunk> {
    private final @Nullable String job;

    CountFn(@Nullable String job) {
      this.job = job;
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<ImageChunk> out) {
      if (job != null) {
        ImageProgress.expect(job, chunk.images().size());
      }
      out.output(chunk);
    }
  }

  private static final class ScanShardFn extends DoFn<Shard, ImageChunk> {
    private final RecordFields fields;
    private final ImageFilter filter;
    private final int chunkSize;
    private transient PassedOver passedOver = new PassedOver();

    ScanShardFn(RecordFields fields, ImageFilter filter, int chunkSize) {
      this.fields = fields;
      this.filter = filter;
      this.chunkSize = chunkSize;
    }

    @Setup
    public void setup() {
      passedOver = new PassedOver();
    }

    @ProcessElement
    public void process(@Element Shard shard, MultiOutputReceiver out) {
      List<ImageRef> chunk = new ArrayList<>();
      ImageFilter.Compiled wanted = filter.compile();
      ShardFormat.Found found =
          new ShardFormat.Found() {
            @Override
            public void image(ImageRef image) {
              if (isWanted(image.id())) {
                chunk.add(image.withMark(shard.mark()));
              }
              if (chunk.size() == chunkSize) {
                out.get(CHUNKS).output(ImageChunk.of(chunk));
                chunk.clear();
              }
            }

            private boolean isWanted(String id) {
              boolean chosen = wanted.chooses(id);
              if (!chosen) {
                passedOver.add(PassedOver.Kind.NOT_CHOSEN, id);
              }
              return chosen;
            }

            @Override
            public void reject(String id, RejectReason reason, String detail) {
              if (id.equals(shard.id()) || isWanted(id)) {
                out.get(REJECTS).output(Reject.of(shard.uri(), id, STAGE, reason, detail));
              }
            }

            @Override
            public PassedOver passedOver() {
              return passedOver;
            }
          };
      try {
        ShardFormats.scan(shard, fields, found);
      } catch (IOException | IllegalArgumentException e) { // the latter of an odd address
        found.reject(
            shard.id(),
            RejectReason.UNREADABLE,
            "the rest of the shard is unreadable: " + e.getMessage());
      }
      passedOver.report();
      if (!chunk.isEmpty()) {
        out.get(CHUNKS).output(ImageChunk.of(chunk));
      }
    }
  }
}
