package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.evaluate.MomentsPart;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.rejects.WriteRejects;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.storage.FileListing;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionView;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a run. Takes the names of its files, once they are written. Writes the statistics and
 * {@code _MANIFEST.json}, loads tables if there are any, and writes {@code _SUCCESS} last. A run
 * that a quality gate holds back gets no {@code _SUCCESS}. Yields whether the run is published.
 */
@AutoValue
abstract class PublishRun extends PTransform<PCollection<String>, PCollection<Boolean>> {
  abstract RunSpec run();

  abstract QualityGates gates();

  abstract Views views();

  abstract @Nullable PTransform<PCollection<Boolean>, PCollection<Boolean>> load();

  abstract List<String> replaced();

  /** In the place of a number of images. */
  static final long NOT_COUNTED = -1;

  /**
   * What is to be said of a run beside what its files hold.
   *
   * @param moments of the run's embeddings, as {@link CollectMoments} yields them
   * @param skipped number of images that an earlier run has embedded
   * @param updated number of images whose records are written again
   * @param known number of images in the current view before the run, or {@link #NOT_COUNTED}
   * @param unsure places that could not be listed, and how many images of the view may be there
   * @param canaries what became of them
   */
  record Views(
      PCollectionView<Iterable<MomentsPart>> moments,
      PCollectionView<Long> skipped,
      PCollectionView<Long> updated,
      PCollectionView<Long> known,
      PCollectionView<Iterable<KV<String, Long>>> unsure,
      PCollectionView<Canaries.Report> canaries)
      implements Serializable {
    private List<PCollectionView<?>> all() {
      return List.of(moments, skipped, updated, known, unsure, canaries);
    }
  }

  /** Publishes a run. */
  static PublishRun of(RunSpec run, QualityGates gates, Views views) {
    return new AutoValue_PublishRun(run, gates, views, null, List.of());
  }

  /**
   * Returns this with a table to load the run into; see {@link WriteRun#withLoad}.
   *
   * @param load as of {@link TableLoader}; null for none
   */
  PublishRun withLoad(@Nullable PTransform<PCollection<Boolean>, PCollection<Boolean>> load) {
    return new AutoValue_PublishRun(run(), gates(), views(), load, replaced());
  }

  /** Returns this for a base; see {@link WriteRun#replacing}. */
  PublishRun replacing(List<String> runs) {
    return new AutoValue_PublishRun(run(), gates(), views(), load(), List.copyOf(runs));
  }

  @Override
  public PCollection<Boolean> expand(PCollection<String> fileNames) {
    PCollection<Boolean> passed =
        fileNames
            .apply("SpreadFiles", Reshuffle.viaRandomKey())
            .apply("Describe", ParDo.of(new DescribeFn(run())))
            .apply("Gather", WithKeys.of(0))
            .apply("Group", GroupByKey.create())
            .apply(
                "Judge",
                ParDo.of(new JudgeFn(run(), gates(), views(), replaced()))
                    .withSideInputs(views().all()))
            .setCoder(BooleanCoder.of());
    PTransform<PCollection<Boolean>, PCollection<Boolean>> load = load();
    return (load == null ? passed : passed.apply("Load", load))
        .apply("Finish", ParDo.of(new FinishFn(run())));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("maxRejects", gates().maxRejects().toString()))
        .add(DisplayData.item("maxDeletions", gates().maxDeletions().toString()))
        .add(DisplayData.item("minRankMe", gates().minRankMe()))
        .add(DisplayData.item("maxNormChange", gates().maxNormChange()))
        .add(DisplayData.item("maxFrechet", gates().maxFrechet()))
        .add(DisplayData.item("maxCanaryChange", gates().maxCanaryChange()));
  }

  /** What the manifest says of a file. Digests are sums, so those of files add up. */
  @DefaultCoder(SerialCoder.class)
  private record Description(
      RunManifest.File file, long embeddings, long deleted, long rejected, BigInteger contentDigest)
      implements Serializable {
    /** Describes a file that has no images of its own. */
    private static Description of(RunManifest.File file) {
      return new Description(file, 0, 0, 0, BigInteger.ZERO);
    }
  }

  private static final class DescribeFn extends RunLease.WriterFn<String, Description> {
    DescribeFn(RunSpec run) {
      super(run);
    }

    @ProcessElement
    public void process(@Element String path, OutputReceiver<Description> out) throws IOException {
      lease().check();
      FileStore store = lease().folder();
      String name = path.substring(path.lastIndexOf('/') + 1);
      if (WriteRejects.isName(name)) {
        long[] rejected = new long[1];
        PartFile.of(store.location() + name).read(record -> rejected[0]++);
        out.output(
            new Description(file(store, name, rejected[0]), 0, 0, rejected[0], BigInteger.ZERO));
      } else if (Findings.isName(name)) {
        out.output(Description.of(file(store, name, Findings.count(store.location() + name))));
      } else if (RunLineage.isName(name)) {
        out.output(Description.of(file(store, name, RunLineage.count(store))));
      } else {
        Description part = describePart(store, name);
        out.output(part);
        String contents = RunContents.nameFor(name);
        out.output(Description.of(file(store, contents, part.embeddings + part.deleted)));
      }
    }

    private static RunManifest.File file(FileStore store, String name, long records)
        throws IOException {
      MatchResult.Metadata file = FileListing.of(store.location() + name).get(0);
      BeamFiles.sync(file.resourceId()); // before the manifest says that it is there
      try (InputStream in = store.open(name)) {
        return new RunManifest.File(name, records, Sha256.of(in), file.sizeBytes());
      }
    }

    private static Description describePart(FileStore store, String name) throws IOException {
      long[] counts = new long[2];
      BigInteger[] digest = {BigInteger.ZERO};
      PartFile part = PartFile.of(store.location() + name);
      store.write(
          RunContents.nameFor(name),
          bytes -> {
            try (RunContents contents = RunContents.to(bytes)) {
              part.read(
                  record -> {
                    contents.add(record);
                    if (record.get("embedding") == null) {
                      counts[1]++;
                    } else {
                      counts[0]++;
                      String content = record.get("id") + "\n" + record.get("content_sha256");
                      digest[0] =
                          digest[0].add(new BigInteger(Sha256.of(content.getBytes(UTF_8)), 16));
                    }
                  });
            }
          });
      return new Description(
          file(store, name, counts[0] + counts[1]), counts[0], counts[1], 0, digest[0]);
    }
  }

  private static final class JudgeFn extends DoFn<KV<Integer, Iterable<Description>>, Boolean> {
    private static final BigInteger DIGEST_RANGE = BigInteger.ONE.shiftLeft(256);

    private final RunSpec spec;
    private final QualityGates gates;
    private final Views views;
    private final List<String> replaced;

    JudgeFn(RunSpec spec, QualityGates gates, Views views, List<String> replaced) {
      this.spec = spec;
      this.gates = gates;
      this.views = views;
      this.replaced = replaced;
    }

    @ProcessElement
    public void process(ProcessContext context) throws IOException {
      Moments moments = new Moments(spec.dimension());
      context.sideInput(views.moments).forEach(moments::merge);
      long skipped = context.sideInput(views.skipped);
      long updated = context.sideInput(views.updated);
      long known = context.sideInput(views.known);
      Canaries.Report canaries = context.sideInput(views.canaries);
      long written = 0;
      long deleted = 0;
      long rejected = 0;
      BigInteger digest = BigInteger.ZERO;
      List<RunManifest.File> files = new ArrayList<>();
      for (Description file : context.element().getValue()) {
        written += file.embeddings;
        deleted += file.deleted;
        rejected += file.rejected;
        digest = digest.add(file.contentDigest);
        files.add(file.file);
      }
      files.sort(Comparator.comparing(RunManifest.File::name));
      RunManifest.Counts counts =
          new RunManifest.Counts(
              written + skipped + rejected, // updated ones are written too
              written - updated,
              skipped,
              updated,
              rejected,
              deleted);
      FileStore run = new BeamFileStore(spec.folder());
      Map<String, String> versions = new LinkedHashMap<>(spec.versions());
      versions.putIfAbsent(RunManifest.HARDWARE, canaries.hardware()); // a base says it itself
      RunManifest.Statistics statistics = RunManifest.Statistics.of(moments);
      List<RunManifest.Gate> verdicts = List.of(); // nothing in a base is new
      if (replaced.isEmpty()) {
        RunStatistics judged = RunStatistics.of(spec, moments);
        judged.keep(run);
        verdicts = gates.judge(counts, Math.max(0, known), statistics, judged, canaries);
      }
      // Of no embeddings they would be zeros, which a plot shows as a fall.
      RunManifest.@Nullable Statistics kept = moments.count() == 0 ? null : statistics;
      RunManifest manifest =
          new RunManifest(
              spec.modelId(),
              Instant.ofEpochMilli(spec.startedAtMillis()).toString(),
              Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS).toString(),
              spec.settings(),
              versions,
              counts,
              known == NOT_COUNTED ? null : known,
              "%064x".formatted(digest.mod(DIGEST_RANGE)),
              EmbeddingRecord.SCHEMA.getFullName(),
              spec.dimension(),
              kept,
              verdicts,
              largest(context.sideInput(views.unsure)),
              files,
              replaced);
      manifest.write(run);
      context.output(manifest.passed());
    }
  }

  /** Returns the places where most images may be, those first. */
  private static List<RunManifest.Unlisted> largest(Iterable<KV<String, Long>> unsure) {
    NavigableSet<RunManifest.Unlisted> largest =
        new TreeSet<>(
            Comparator.comparingLong(RunManifest.Unlisted::images)
                .reversed()
                .thenComparing(RunManifest.Unlisted::place));
    for (KV<String, Long> place : unsure) {
      largest.add(new RunManifest.Unlisted(place.getKey(), place.getValue()));
      if (largest.size() > RunManifest.MOST_UNLISTED) {
        largest.pollLast();
      }
    }
    return List.copyOf(largest);
  }

  private static final class FinishFn extends DoFn<Boolean, Boolean> {
    private final RunSpec spec;

    FinishFn(RunSpec spec) {
      this.spec = spec;
    }

    @ProcessElement
    public void process(@Element Boolean passed, OutputReceiver<Boolean> out) throws IOException {
      try (RunLease lease = RunLease.of(spec)) {
        FileStore run = lease.folder();
        if (passed && !run.exists(RunManifest.SUCCESS)) { // else this step is repeated
          lease.check();
          RunOrder.check(spec.dataset(), spec.modelId(), spec.name());
          String missing = RunManifest.read(run).missing(run);
          if (missing != null) {
            throw new IOException(missing + ". The run is not published.");
          }
          run.write(RunManifest.SUCCESS, done -> {});
        }
        if (passed) {
          RunHistory.update(spec.dataset(), spec.modelId());
        }
        lease.end();
      }
      out.output(passed);
    }
  }
}
