package io.simclrbeam.transforms.embedding;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.dataset.WriteRun;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Turns a data set of images into a run of an embedding data set: {@code part-*.avro}, {@code
 * _rejects-embed-*.avro}, {@code _MANIFEST.json} and {@code _SUCCESS}. Yields whether the run was
 * published.
 */
@AutoValue
public abstract class EmbedImages extends PTransform<PBegin, PCollection<Boolean>> {
  abstract PTransform<PBegin, PCollectionTuple> images();

  abstract EmbeddingSpec spec();

  abstract PartFormat format();

  abstract @Nullable PTransform<PCollection<Boolean>, PCollection<Boolean>> load();

  /**
   * Embeds images, to files of the default format.
   *
   * @param images what {@link ListImages} yields; a chunk is encoded as one batch
   */
  public static EmbedImages of(PTransform<PBegin, PCollectionTuple> images, EmbeddingSpec spec) {
    return new AutoValue_EmbedImages(images, spec, PartFormat.DEFAULT, null);
  }

  /** Returns this with files of another format. */
  public EmbedImages withFormat(PartFormat format) {
    return new AutoValue_EmbedImages(images(), spec(), format, load());
  }

  /** Returns this for a run that is loaded into a table before it counts; see {@link WriteRun}. */
  public EmbedImages withLoad(PTransform<PCollection<Boolean>, PCollection<Boolean>> load) {
    return new AutoValue_EmbedImages(images(), spec(), format(), load);
  }

  @Override
  public PCollection<Boolean> expand(PBegin begin) {
    PCollectionTuple listed = begin.apply("List", images());
    PCollectionList<GenericRecord> rejects = PCollectionList.of(listed.get(ListImages.REJECTS));
    PCollection<ImageChunk> chunks = listed.get(ListImages.CHUNKS);
    if (!spec().folderLabels()) {
      chunks = chunks.apply("WithoutLabels", ParDo.of(new WithoutLabelsFn()));
    }
    PCollectionTuple output = PCollectionTuple.empty(begin.getPipeline());
    if (spec().canaries() > 0) {
      output = output.and(WriteRun.CANARIES, chunks.apply("Canaries", CheckCanaries.of(spec())));
    }
    PCollectionList<ImageRef> findings = PCollectionList.empty(begin.getPipeline());
    if (spec().comparing()) {
      RunSpec run = spec().run();
      PCollectionTuple toCompare = PCollectionTuple.of(ListImages.CHUNKS, chunks);
      if (listed.has(ListImages.KNOWN_REJECTS)) {
        PCollection<GenericRecord> known = listed.get(ListImages.KNOWN_REJECTS);
        toCompare = toCompare.and(ListImages.KNOWN_REJECTS, known);
        rejects = rejects.and(known);
      }
      PCollectionTuple chosen =
          toCompare.apply(
              "Choose",
              ChooseImages.of(
                  run.dataset(),
                  run.modelId(),
                  spec().batchSize(),
                  spec().folderLabels(),
                  run.folder()));
      chunks = chosen.get(ChooseImages.CHUNKS);
      findings = findings.and(chosen.get(ChooseImages.FINDINGS));
      output =
          output
              .and(WriteRun.SKIPPED, chosen.get(ChooseImages.SKIPPED))
              .and(WriteRun.UPDATED, chosen.get(ChooseImages.UPDATED))
              .and(WriteRun.KNOWN, chosen.get(ChooseImages.KNOWN));
      rejects = rejects.and(chosen.get(ChooseImages.REJECTS));
      if (spec().recordDeletions()) {
        PCollectionView<Map<String, Iterable<String>>> unlisted =
            listed
                .get(ListImages.REJECTS)
                .apply("UnlistedIds", ParDo.of(new IdAndUriFn()))
                .setCoder(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of()))
                .apply("Unlisted", View.asMultimap());
        PCollection<KV<String, String>> notFound = chosen.get(ChooseImages.GONE);
        PCollectionTuple gone =
            notFound.apply(
                "AreTheyGone",
                ParDo.of(new GoneFn(unlisted))
                    .withSideInputs(unlisted)
                    .withOutputTags(WriteRun.GONE, TupleTagList.of(WriteRun.UNSURE)));
        output =
            output
                .and(WriteRun.GONE, gone.get(WriteRun.GONE).setCoder(notFound.getCoder()))
                .and(WriteRun.UNSURE, gone.get(WriteRun.UNSURE));
      }
    }
    if (format().megabytes() > 0) {
      output = output.and(WriteRun.EXPECTED, chunks.apply("Expected", ParDo.of(new SizeFn())));
    }
    PCollectionTuple computed = chunks.apply("Compute", ComputeEmbeddings.of(spec()));
    return output
        .and(
            WriteRun.FINDINGS,
            findings
                .and(computed.get(ComputeEmbeddings.FINDINGS))
                .apply("Findings", Flatten.pCollections()))
        .and(WriteRun.EMBEDDINGS, computed.get(ComputeEmbeddings.EMBEDDINGS))
        .and(
            WriteRun.REJECTS,
            rejects
                .and(computed.get(ComputeEmbeddings.REJECTS))
                .apply("Rejects", Flatten.pCollections()))
        .apply("Write", WriteRun.of(spec().run(), format(), spec().gates()).withLoad(load()));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    spec().addTo(builder);
  }

  private static final class WithoutLabelsFn extends DoFn<ImageChunk, ImageChunk> {
    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<ImageChunk> out) {
      out.output(
          ImageChunk.of(chunk.images().stream().map(image -> image.withLabel(null)).toList()));
    }
  }

  private static final class SizeFn extends DoFn<ImageChunk, Long> {
    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<Long> out) {
      out.output((long) chunk.images().size());
    }
  }

  private static final class IdAndUriFn extends DoFn<GenericRecord, KV<String, String>> {
    @ProcessElement
    public void process(@Element GenericRecord reject, OutputReceiver<KV<String, String>> out) {
      out.output(KV.of(reject.get("id").toString(), reject.get("uri").toString()));
    }
  }

  /**
   * Divides images that were not found into those that are gone and those that may be in a place
   * that could not be listed: below the id of a reject.
   */
  private static final class GoneFn extends DoFn<KV<String, String>, KV<String, String>> {
    private final PCollectionView<Map<String, Iterable<String>>> unlisted;

    GoneFn(PCollectionView<Map<String, Iterable<String>>> unlisted) {
      this.unlisted = unlisted;
    }

    @ProcessElement
    public void process(ProcessContext context) {
      Map<String, Iterable<String>> places = context.sideInput(unlisted);
      String place = context.element().getKey();
      while (!places.containsKey(place)) {
        if (place.isEmpty()) {
          context.output(context.element());
          return;
        }
        place = place.substring(0, Math.max(0, place.lastIndexOf('/')));
      }
      context.output(
          WriteRun.UNSURE, place.isEmpty() ? places.get(place).iterator().next() : place);
    }
  }
}
