package io.simclrbeam.connectors.bigquery;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.TableLoader;
import java.io.IOException;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryServicesImpl;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;

/** Loads runs into {@code bq://project.dataset.table}. */
public final class BigQueryLoader implements TableLoader {
  @Override
  public String scheme() {
    return "bq";
  }

  @Override
  public void check(String output) {
    BigQueryTable.parse(output);
  }

  @Override
  public void rehearse(String output, VectorFormat vectors, PipelineOptions options)
      throws IOException {
    Rehearsal.of(BigQueryTable.parse(output), vectors, new BigQueryServicesImpl(), options);
  }

  @Override
  public PTransform<PCollection<Boolean>, PCollection<Boolean>> load(
      String output, DatasetRun run, VectorFormat vectors) {
    return LoadRun.of(BigQueryTable.parse(output), run, vectors);
  }
}
