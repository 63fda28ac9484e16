package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.rejects.RejectLimit;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;

/**
 * Makes a run visible once all its files, whose names come in, are written: {@code _MANIFEST.json},
 * then {@code _SUCCESS}. A run without images, or with too many rejects, gets no {@code _SUCCESS}.
 * Yields whether the run is now visible.
 */
public final class PublishRun extends PTransform<PCollection<String>, PCollection<Boolean>> {
  private static final long serialVersionUID = 1;

  private final String folder;
  private final String modelId;
  private final int dimension;
  private final RejectLimit maxRejects;

  private PublishRun(String folder, String modelId, int dimension, RejectLimit maxRejects) {
    this.folder = folder;
    this.modelId = modelId;
    this.dimension = dimension;
    this.maxRejects = maxRejects;
  }

  /** Publishes the run in a folder. */
  public static PublishRun of(
      String folder, String modelId, int dimension, RejectLimit maxRejects) {
    return new PublishRun(folder, modelId, dimension, maxRejects);
  }

  @Override
  public PCollection<Boolean> expand(PCollection<String> fileNames) {
    return fileNames
        .apply("SpreadFiles", Reshuffle.viaRandomKey())
        .apply("Describe", ParDo.of(new DescribeFn(folder)))
        .apply("Gather", WithKeys.of(0))
        .apply("Group", GroupByKey.create())
        .apply("Publish", ParDo.of(new PublishFn(folder, modelId, dimension, maxRejects)))
        .setCoder(BooleanCoder.of());
  }

  /** What is to be known of a file; the digest is a sum, so those of all files add up. */
  @DefaultCoder(SerializableCoder.class)
  private record Description(
      String name, boolean rejects, long records, String sha256, BigInteger contentDigest)
      implements Serializable {}

  private static final class Tally {
    private long records;
    private BigInteger digest = BigInteger.ZERO;
  }

  private static final class DescribeFn extends DoFn<String, Description> {
    private final String folder;

    DescribeFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(@Element String path, OutputReceiver<Description> out) throws IOException {
      FileStore store = new BeamFileStore(folder);
      String name = path.substring(path.lastIndexOf('/') + 1);
      boolean rejects = name.startsWith("rejects-");
      String sha256;
      try (InputStream in = store.open(name)) {
        sha256 = Sha256.of(in);
      }
      Tally tally = new Tally();
      PartFile.read(
          FileSystems.matchNewResource(folder + name, false),
          record -> {
            tally.records++;
            if (!rejects) {
              String content = record.get("id") + "\n" + record.get("content_sha256");
              tally.digest =
                  tally.digest.add(new BigInteger(Sha256.of(content.getBytes(UTF_8)), 16));
            }
          });
      out.output(new Description(name, rejects, tally.records, sha256, tally.digest));
    }
  }

  private static final class PublishFn extends DoFn<KV<Integer, Iterable<Description>>, Boolean> {
    private static final BigInteger DIGEST_RANGE = BigInteger.ONE.shiftLeft(256);

    private final String folder;
    private final String modelId;
    private final int dimension;
    private final RejectLimit maxRejects;

    PublishFn(String folder, String modelId, int dimension, RejectLimit maxRejects) {
      this.folder = folder;
      this.modelId = modelId;
      this.dimension = dimension;
      this.maxRejects = maxRejects;
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<Description>> all, OutputReceiver<Boolean> out)
        throws IOException {
      long embedded = 0;
      long rejected = 0;
      BigInteger digest = BigInteger.ZERO;
      List<RunManifest.File> files = new ArrayList<>();
      for (Description file : all.getValue()) {
        embedded += file.rejects ? 0 : file.records;
        rejected += file.rejects ? file.records : 0;
        digest = digest.add(file.contentDigest);
        files.add(new RunManifest.File(file.name, file.records, file.sha256));
      }
      files.sort(Comparator.comparing(RunManifest.File::name));
      long input = embedded + rejected;
      FileStore run = new BeamFileStore(folder);
      new RunManifest(
              modelId,
              new RunManifest.Counts(input, embedded, 0, rejected, 0),
              "%064x".formatted(digest.mod(DIGEST_RANGE)),
              EmbeddingRecord.SCHEMA.getFullName(),
              dimension,
              files)
          .write(run);
      boolean publish = embedded > 0 && !maxRejects.isExceeded(rejected, input);
      if (publish) {
        run.write(RunManifest.SUCCESS, done -> {});
      }
      out.output(publish);
    }
  }
}
