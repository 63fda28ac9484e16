package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.embed.VectorFormat;
import java.io.IOException;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;

/** Reads the records of runs, in any order. */
@AutoValue
public abstract class ReadParts
    extends PTransform<PCollection<DatasetRun>, PCollection<GenericRecord>> {
  abstract VectorFormat vectors();

  /** Reads records with vectors of a format. */
  public static ReadParts with(VectorFormat vectors) {
    return new AutoValue_ReadParts(vectors);
  }

  @Override
  public PCollection<GenericRecord> expand(PCollection<DatasetRun> runs) {
    return runs.apply("FindParts", ParDo.of(new FindPartsFn()))
        .setCoder(StringUtf8Coder.of())
        .apply("SpreadParts", Reshuffle.viaRandomKey())
        .apply("ReadPart", ParDo.of(new ReadPartFn()))
        .setCoder(AvroCoder.of(EmbeddingRecord.schema(vectors())));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.add(DisplayData.item("vectors", vectors().code()));
  }

  private static final class FindPartsFn extends DoFn<DatasetRun, String> {
    @ProcessElement
    public void process(@Element DatasetRun run, OutputReceiver<String> out) throws IOException {
      for (PartFile part : run.parts()) {
        out.output(part.file().toString());
      }
    }
  }

  private static final class ReadPartFn extends DoFn<String, GenericRecord> {
    @ProcessElement
    public void process(@Element String part, OutputReceiver<GenericRecord> out)
        throws IOException {
      PartFile.of(part).read(out::output);
    }
  }
}
