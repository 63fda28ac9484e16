package io.simclrbeam.connectors.bigquery;

import com.google.api.services.bigquery.model.TableReference;
import com.google.api.services.bigquery.model.TableRow;
import com.google.api.services.bigquery.model.TableSchema;
import com.google.auto.value.AutoValue;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.ReadParts;
import io.simclrbeam.transforms.rejects.Reject;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.io.AvroIO;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryIO;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryIO.Write.CreateDisposition;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryIO.Write.Method;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryIO.Write.WriteDisposition;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryServices;
import org.apache.beam.sdk.io.gcp.bigquery.TableDestination;
import org.apache.beam.sdk.io.gcp.bigquery.TableRowJsonCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Wait;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Loads a run that has passed its gates: its embeddings, its rejects and, once both are there, its
 * row in the table of runs. That row is for tables what {@code _SUCCESS} is for files: readers
 * ignore rows of a run without it. Takes whether the run has passed, and yields the same once all
 * is loaded.
 */
@AutoValue
abstract class LoadRun extends PTransform<PCollection<Boolean>, PCollection<Boolean>> {
  abstract BigQueryTable table();

  abstract DatasetRun run();

  abstract VectorFormat vectors();

  abstract @Nullable BigQueryServices services();

  static LoadRun of(BigQueryTable table, DatasetRun run, VectorFormat vectors) {
    return new AutoValue_LoadRun(table, run, vectors, null);
  }

  /** Returns this for another BigQuery than Google's. */
  LoadRun withServices(BigQueryServices services) {
    return new AutoValue_LoadRun(table(), run(), vectors(), services);
  }

  @Override
  public PCollection<Boolean> expand(PCollection<Boolean> passed) {
    PCollection<DatasetRun> run =
        passed
            .apply("IfPassed", ParDo.of(new IfPassedFn(run())))
            .setCoder(SerialCoder.of(DatasetRun.class));
    PCollection<TableDestination> embeddings =
        run.apply("ReadEmbeddings", ReadParts.with(vectors()))
            .apply("LoadEmbeddings", embeddings())
            .getSuccessfulTableLoads();
    PCollection<TableDestination> rejects =
        run.apply("FindRejects", ParDo.of(new RejectFilesFn()))
            .setCoder(StringUtf8Coder.of())
            .apply(
                "MatchRejects",
                FileIO.matchAll().withEmptyMatchTreatment(EmptyMatchTreatment.ALLOW))
            .apply("OpenRejects", FileIO.readMatches())
            .apply("ReadRejects", AvroIO.readFilesGenericRecords(Reject.SCHEMA))
            .apply(
                "LoadRejects",
                this.<GenericRecord>write(table().rejects(), RejectRows.schema())
                    .withFormatFunction(new RejectRows(run().name())))
            .getSuccessfulTableLoads();
    PCollection<TableDestination> runs =
        run.apply("WaitForBoth", Wait.on(embeddings, rejects))
            .apply("RunRow", ParDo.of(new RunRows(vectors())))
            .setCoder(TableRowJsonCoder.of())
            .apply(
                "LoadRunRow",
                this.<TableRow>write(table().runs(), RunRows.schema())
                    .withFormatFunction(row -> row)
                    .withSchemaUpdateOptions(Set.of(RunRows.MAY_ADD)))
            .getSuccessfulTableLoads();
    return passed.apply("WaitForRunRow", Wait.on(runs));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(
            DisplayData.item(
                "table",
                "%s.%s.%s".formatted(table().project(), table().dataset(), table().table())))
        .add(DisplayData.item("run", run().folder()));
  }

  private BigQueryIO.Write<GenericRecord> embeddings() {
    return this.<GenericRecord>write(table().embeddings(), EmbeddingRows.schema(vectors()))
        .withAvroFormatFunction(new EmbeddingRows(run().name()))
        .useAvroLogicalTypes()
        .withTimePartitioning(EmbeddingRows.partitioning())
        .withClustering(EmbeddingRows.clustering());
  }

  /** Load jobs are free, and add all rows of a table at once. */
  private <T> BigQueryIO.Write<T> write(TableReference table, TableSchema schema) {
    BigQueryIO.Write<T> write =
        BigQueryIO.<T>write()
            .to(table)
            .withSchema(schema)
            .withMethod(Method.FILE_LOADS)
            .withCreateDisposition(CreateDisposition.CREATE_IF_NEEDED)
            .withWriteDisposition(WriteDisposition.WRITE_APPEND);
    BigQueryServices services = services();
    return services == null ? write : write.withTestServices(services).withoutValidation();
  }

  private static final class IfPassedFn extends DoFn<Boolean, DatasetRun> {
    private final DatasetRun run;

    IfPassedFn(DatasetRun run) {
      this.run = run;
    }

    @ProcessElement
    public void process(@Element Boolean passed, OutputReceiver<DatasetRun> out) {
      if (passed) {
        out.output(run);
      }
    }
  }

  private static final class RejectFilesFn extends DoFn<DatasetRun, String> {
    @ProcessElement
    public void process(@Element DatasetRun run, OutputReceiver<String> out) {
      out.output(run.folder() + "*rejects-*.avro");
    }
  }
}
