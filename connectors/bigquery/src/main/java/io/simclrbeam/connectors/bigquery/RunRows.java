package io.simclrbeam.connectors.bigquery;

import static io.simclrbeam.connectors.bigquery.Columns.nullable;
import static io.simclrbeam.connectors.bigquery.Columns.required;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.api.services.bigquery.model.TableRow;
import com.google.api.services.bigquery.model.TableSchema;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.dataset.DatasetLayout;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryIO.Write.SchemaUpdateOption;
import org.apache.beam.sdk.transforms.DoFn;

/** Makes the row of the table of runs from a run's manifest. */
final class RunRows extends DoFn<DatasetRun, TableRow> {
  /** What a load may change in a table that an earlier version made. */
  static final SchemaUpdateOption MAY_ADD = SchemaUpdateOption.ALLOW_FIELD_ADDITION;

  private final VectorFormat vectors;

  RunRows(VectorFormat vectors) {
    this.vectors = vectors;
  }

  static TableSchema schema() {
    return new TableSchema()
        .setFields(
            List.of(
                required("run", "STRING"),
                required("model_id", "STRING"),
                required("started_at", "TIMESTAMP"),
                required("vectors", "STRING"),
                required("input", "INTEGER"),
                required("embedded", "INTEGER"),
                required("skipped", "INTEGER"),
                required("rejected", "INTEGER"),
                required("deleted", "INTEGER"),
                required("manifest", "JSON"),
                nullable("updated", "INTEGER"))); // tables of before this was done lack it
  }

  @ProcessElement
  public void process(@Element DatasetRun run, OutputReceiver<TableRow> out) throws IOException {
    FileStore files = new BeamFileStore(run.folder());
    RunManifest.Counts counts = RunManifest.read(files).counts();
    String manifest;
    try (InputStream in = files.open(RunManifest.NAME)) {
      manifest = new String(in.readAllBytes(), UTF_8);
    }
    out.output(
        new TableRow()
            .set("run", run.name())
            .set("model_id", run.model())
            .set("started_at", DatasetLayout.startOf(run.name()).toString())
            .set("vectors", vectors.code())
            .set("input", counts.input())
            .set("embedded", counts.embedded())
            .set("skipped", counts.skipped())
            .set("rejected", counts.rejected())
            .set("deleted", counts.deleted())
            .set("manifest", manifest)
            .set("updated", counts.updated()));
  }
}
