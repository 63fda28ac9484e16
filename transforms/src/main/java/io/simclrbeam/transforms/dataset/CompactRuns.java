package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.images.Finding;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ImageRefCoder;
import io.simclrbeam.transforms.rejects.Reject;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Merges the runs of a model into a base: a run with the newest record of each image, which readers
 * take in the place of all runs up to it. Records are the same to the bit. Yields whether the base
 * is published.
 *
 * <p>Vectors are not shuffled. A join on ids, over files without vectors, finds which records are
 * the newest. Then each part is read, and those of its records are written.
 *
 * <p>A record that marks an image as deleted is kept as long as runs before it may be there. So who
 * reads all folders and takes the newest record of each id sees the same as who knows of bases. The
 * findings of the runs are merged as well, so a night after it reads no more files than before.
 */
@AutoValue
public abstract class CompactRuns extends PTransform<PBegin, PCollection<Boolean>> {
  abstract RunSpec base();

  abstract PartFormat format();

  abstract List<DatasetRun> merged();

  abstract @Nullable DatasetRun forgetting();

  /**
   * Merges runs.
   *
   * @param compaction that has begun
   * @param base as which they are written
   * @param format of its parts
   */
  public static CompactRuns of(Compaction compaction, RunSpec base, PartFormat format) {
    return new AutoValue_CompactRuns(base, format, compaction.merged(), compaction.forgetting());
  }

  @Override
  public PCollection<Boolean> expand(PBegin begin) {
    TupleTag<ImageRef> images = new TupleTag<>("images") {};
    TupleTag<GenericRecord> rejects = new TupleTag<>("rejects") {};
    PCollectionTuple findings =
        begin
            .apply("ReadFindings", Findings.of(merged(), base()))
            .apply("GroupFindings", GroupByKey.create())
            .apply(
                "NewestFindings",
                ParDo.of(new NewestFn(images, rejects))
                    .withOutputTags(images, TupleTagList.of(rejects)));
    return PCollectionTuple.of(
            WriteRun.COPIED,
            begin
                .apply("Newest", ReadCurrentView.newest(base().dataset(), merged(), forgetting()))
                .apply("Records", Values.create()))
        .and(WriteRun.EMBEDDINGS, begin.apply("NoEmbeddings", Create.empty(EmbeddingCoder.of())))
        .and(WriteRun.FINDINGS, findings.get(images).setCoder(ImageRefCoder.of()))
        .and(WriteRun.REJECTS, findings.get(rejects).setCoder(AvroCoder.of(Reject.SCHEMA)))
        .and(
            WriteRun.FILES,
            begin.apply(
                "Lineage",
                Create.of(base().folder() + RunLineage.NAME).withCoder(StringUtf8Coder.of())))
        .apply(
            "Write",
            WriteRun.of(base(), format(), QualityGates.NONE)
                .replacing(merged().stream().map(DatasetRun::name).toList()));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("folder", base().folder()))
        .add(DisplayData.item("merged", merged().size()));
    format().addTo(builder);
  }

  private static final class NewestFn extends DoFn<KV<String, Iterable<Finding>>, ImageRef> {
    private final TupleTag<ImageRef> images;
    private final TupleTag<GenericRecord> rejects;

    NewestFn(TupleTag<ImageRef> images, TupleTag<GenericRecord> rejects) {
      this.images = images;
      this.rejects = rejects;
    }

    @ProcessElement
    public void process(@Element KV<String, Iterable<Finding>> file, MultiOutputReceiver out) {
      List<Finding> newest = Finding.newest(file.getValue());
      if (!newest.stream().allMatch(Finding::isFinal)) {
        return; // the next night reads the file again, as it would have
      }
      for (Finding finding : newest) {
        @Nullable ImageRef image = finding.image();
        if (image != null) {
          out.get(images).output(image);
        } else if (finding.reject() != null) {
          out.get(rejects).output(finding.reject());
        }
      }
    }
  }
}
