package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.rejects.WriteRejects;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SimpleFunction;
import org.apache.beam.sdk.transforms.Sum;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTag;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run of an embedding data set and publishes it: {@code part-*}, {@code _rejects-embed-*},
 * {@code _MANIFEST.json}, and {@code _SUCCESS} if the quality gates let it pass. Takes {@link
 * #EMBEDDINGS} and, each if there is something to say, {@link #REJECTS}, {@link #FINDINGS}, {@link
 * #GONE}, {@link #KNOWN}, {@link #UNSURE}, {@link #SKIPPED}, {@link #UPDATED} and {@link
 * #CANARIES}. Yields whether the run is published.
 *
 * <p>{@link EmbeddingIO#write} is this for a pipeline of one's own.
 */
@AutoValue
public abstract class WriteRun extends PTransform<PCollectionTuple, PCollection<Boolean>> {
  /** The name of the job, in the names of files with rejects. */
  public static final String JOB = "embed";

  /** Embeddings of the run's model, one for each image. */
  public static final TupleTag<Embedding> EMBEDDINGS = new TupleTag<>("embeddings") {};

  /** {@link Reject} records of images that could not be used. */
  public static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  /** Ids and files of images that earlier runs embedded and that are gone. */
  public static final TupleTag<KV<String, String>> GONE = new TupleTag<>("gone") {};

  /**
   * About how many embeddings there will be: numbers to add up, known before the embeddings are. A
   * run of few has few parts, whatever the parallelism.
   */
  public static final TupleTag<Long> EXPECTED = new TupleTag<>("expected") {};

  /** Number of images in the current view before the run: one element. */
  public static final TupleTag<Long> KNOWN = new TupleTag<>("known") {};

  /**
   * For each image that is not found any more, but may be in a place that could not be listed: that
   * place.
   */
  public static final TupleTag<String> UNSURE = new TupleTag<>("unsure") {};

  /**
   * Images that the run has read, with the marks of their files and the SHA-256 of their bytes; see
   * {@link Findings}.
   */
  public static final TupleTag<ImageRef> FINDINGS = new TupleTag<>("findings") {};

  /** Ids of the images that an earlier run has embedded. */
  public static final TupleTag<String> SKIPPED = new TupleTag<>("skipped") {};

  /**
   * Records of earlier runs that are written again with another label or place. The gates do not
   * judge their vectors, which an earlier run has made.
   */
  public static final TupleTag<UpdateRecords.Update> UPDATED = new TupleTag<>("updated") {};

  /** Records of earlier runs that are written again as they are. */
  static final TupleTag<UpdateRecords.Update> COPIED = new TupleTag<>("copied") {};

  /** Paths of other files of the run, which are there already. */
  static final TupleTag<String> FILES = new TupleTag<>("files") {};

  /** What became of the canaries: one element. */
  public static final TupleTag<Canaries.Report> CANARIES = new TupleTag<>("canaries") {};

  abstract RunSpec run();

  abstract PartFormat format();

  abstract QualityGates gates();

  abstract @Nullable PTransform<PCollection<Boolean>, PCollection<Boolean>> load();

  abstract List<String> replaced();

  /** Writes a run. */
  public static WriteRun of(RunSpec run, PartFormat format, QualityGates gates) {
    return new AutoValue_WriteRun(run, format, gates, null, List.of());
  }

  /**
   * Returns this for a base, which counts in the place of other runs. It is not published if there
   * is meanwhile another run before it.
   *
   * @param runs names of those, and of a base before it if there is one
   */
  WriteRun replacing(List<String> runs) {
    return new AutoValue_WriteRun(run(), format(), gates(), load(), List.copyOf(runs));
  }

  /**
   * Returns this for a run that counts only once it is in a table as well. If the load fails, the
   * next run embeds its images again.
   *
   * @param load as of {@link TableLoader}; null for none
   */
  public WriteRun withLoad(@Nullable PTransform<PCollection<Boolean>, PCollection<Boolean>> load) {
    return new AutoValue_WriteRun(run(), format(), gates(), load, replaced());
  }

  @Override
  public PCollection<Boolean> expand(PCollectionTuple input) {
    Pipeline pipeline = input.getPipeline();
    PCollection<Embedding> embeddings = input.get(EMBEDDINGS);
    VectorFormat vectors = format().vectors();
    PCollectionList<GenericRecord> records =
        PCollectionList.of(
            embeddings
                .apply("ToRecords", ParDo.of(new ToRecordFn(run(), vectors)))
                .setCoder(AvroCoder.of(EmbeddingRecord.schema(vectors))));
    if (input.has(GONE)) {
      records = records.and(input.get(GONE).apply("MarkDeleted", MarkDeleted.in(run(), vectors)));
    }
    if (input.has(UPDATED)) {
      records = records.and(input.get(UPDATED).apply("Update", UpdateRecords.in(run(), vectors)));
    }
    if (input.has(COPIED)) {
      records = records.and(input.get(COPIED).apply("Copy", UpdateRecords.in(run(), vectors)));
    }
    PCollection<Long> updated =
        orEmpty(input, UPDATED, SerialCoder.of(UpdateRecords.Update.class))
            .apply("CountUpdated", Count.globally());
    FileIO.Write<Void, GenericRecord> writing =
        FileIO.<GenericRecord>write()
            .via(format().sink())
            .to(run().folder())
            .withNaming(
                FileIO.Write.defaultNaming(PartFile.NAME, PartFile.suffix(format().files())));
    if (format().megabytes() > 0) {
      writing = writing.withSharding(sharding(input, updated));
    }
    PCollection<String> parts =
        records
            .apply("Records", Flatten.pCollections())
            .apply("WriteParts", writing)
            .getPerDestinationOutputFilenames()
            .apply("PartNames", Values.create());
    PCollection<String> rejects =
        orEmpty(input, REJECTS, AvroCoder.of(Reject.SCHEMA))
            .apply("WriteRejects", WriteRejects.to(run().folder(), JOB).besideData());
    PCollection<Canaries.Report> canaries =
        input.has(CANARIES)
            ? input.get(CANARIES)
            : pipeline.apply(
                "NoCanaries",
                Create.of(Canaries.Report.nothingToCompare(""))
                    .withCoder(SerialCoder.of(Canaries.Report.class)));
    PCollectionList<String> files = PCollectionList.of(parts).and(rejects);
    if (input.has(FINDINGS)) {
      files = files.and(input.get(FINDINGS).apply("WriteFindings", Findings.write(run())));
    }
    if (input.has(FILES)) {
      files = files.and(input.get(FILES));
    }
    return files
        .apply("Files", Flatten.pCollections())
        .apply(
            "Publish",
            PublishRun.of(
                    run(),
                    gates(),
                    new PublishRun.Views(
                        embeddings
                            .apply("Moments", CollectMoments.ofDimension(run().dimension()))
                            .apply("MomentsView", View.asIterable()),
                        orEmpty(input, SKIPPED, StringUtf8Coder.of())
                            .apply("CountSkipped", Count.globally())
                            .apply("Skipped", View.asSingleton()),
                        updated.apply("Updated", View.asSingleton()),
                        (input.has(KNOWN)
                                ? input.get(KNOWN)
                                : pipeline.apply("NotCounted", Create.of(PublishRun.NOT_COUNTED)))
                            .apply("Known", Sum.longsGlobally().asSingletonView()),
                        orEmpty(input, UNSURE, StringUtf8Coder.of())
                            .apply("CountUnsure", Count.perElement())
                            .apply("Unsure", View.asIterable()),
                        canaries.apply("Canary", View.asSingleton())))
                .withLoad(load())
                .replacing(replaced()));
  }

  private Sharding sharding(PCollectionTuple input, PCollection<Long> updated) {
    PCollectionList<Long> expected =
        PCollectionList.of(updated)
            .and(
                input.has(EXPECTED)
                    ? input.get(EXPECTED)
                    : input.get(EMBEDDINGS).apply("CountEmbeddings", Count.globally()));
    return new Sharding(expected, new PartsFn(format(), run().dimension()));
  }

  private static final class PartsFn extends SimpleFunction<Long, Integer> {
    private static final long serialVersionUID = 1;

    private final PartFormat format;
    private final int dimension;

    PartsFn(PartFormat format, int dimension) {
      this.format = format;
      this.dimension = dimension;
    }

    @Override
    public Integer apply(Long records) {
      return format.parts(records, dimension);
    }
  }

  /** Says how many parts there are, which is known before the records are. */
  private static final class Sharding
      extends PTransform<PCollection<GenericRecord>, PCollectionView<Integer>> {
    private static final long serialVersionUID = 1;

    private final transient PCollectionList<Long> expected; // of the pipeline, as this is
    private final PartsFn parts;

    Sharding(PCollectionList<Long> expected, PartsFn parts) {
      this.expected = expected;
      this.parts = parts;
    }

    @Override
    public PCollectionView<Integer> expand(PCollection<GenericRecord> records) {
      return expected
          .apply("Expected", Flatten.pCollections())
          .apply("AddUp", Sum.longsGlobally())
          .apply("CountParts", MapElements.via(parts))
          .apply("Parts", View.asSingleton());
    }
  }

  private static <T> PCollection<T> orEmpty(
      PCollectionTuple input, TupleTag<T> tag, Coder<T> coder) {
    return input.has(tag)
        ? input.get(tag)
        : input.getPipeline().apply("No" + tag.getId(), Create.empty(coder));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("folder", run().folder()))
        .add(DisplayData.item("dimension", run().dimension()));
    format().addTo(builder);
  }

  /** This step is in the longest stage. */
  private static final class ToRecordFn extends RunLease.WriterFn<Embedding, GenericRecord> {
    private final VectorFormat vectors;

    ToRecordFn(RunSpec run, VectorFormat vectors) {
      super(run);
      this.vectors = vectors;
    }

    @ProcessElement
    public void process(@Element Embedding embedding, OutputReceiver<GenericRecord> out) {
      String modelId = run().modelId();
      if (!embedding.modelId().equals(modelId)) {
        throw new IllegalArgumentException(
            "the embedding of %s is of model %s, but the run is of model %s; write a run for each model"
                .formatted(embedding.id(), embedding.modelId(), modelId));
      }
      out.output(EmbeddingRecord.of(embedding, vectors));
    }
  }
}
