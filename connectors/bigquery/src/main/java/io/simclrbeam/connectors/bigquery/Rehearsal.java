package io.simclrbeam.connectors.bigquery;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpResponseException;
import com.google.api.services.bigquery.model.ErrorProto;
import com.google.api.services.bigquery.model.Job;
import com.google.api.services.bigquery.model.JobConfigurationLoad;
import com.google.api.services.bigquery.model.JobReference;
import com.google.api.services.bigquery.model.Table;
import com.google.api.services.bigquery.model.TableReference;
import com.google.api.services.bigquery.model.TableSchema;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryOptions;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryServices;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryServices.DatasetService;
import org.apache.beam.sdk.io.gcp.bigquery.BigQueryServices.JobService;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads no rows into the tables of a run, as the run will load its own. What would keep them from
 * being loaded, once all images are embedded, shows at once: a missing dataset, missing
 * permissions, or tables with other columns. Tables that are missing are made, as Beam makes them,
 * and so is the view of what is current.
 */
final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  /** Beam asks about a job after seconds at first, and then each minute. */
  private static final int MOST_POLLS = 30;

  /** Reasons of BigQuery's that have nothing to do with what it was asked for. */
  private static final Set<String> PASSING =
      Set.of(
          "backendError",
          "internalError",
          "jobBackendError",
          "jobInternalError",
          "rateLimitExceeded",
          "jobRateLimitExceeded");

  private final BigQueryTable table;
  private final DatasetService datasets;
  private final JobService jobs;
  private final String payer;

  private Rehearsal(
      BigQueryTable table, DatasetService datasets, JobService jobs, BigQueryOptions options) {
    this.table = table;
    this.datasets = datasets;
    this.jobs = jobs;
    @Nullable String project = options.getBigQueryProject();
    if (project == null) {
      project = options.getProject();
    }
    payer = project == null ? table.project() : project;
  }

  /**
   * Tries the tables.
   *
   * @param vectors format of the run's vectors
   * @param options with a place for temporary files
   * @throws IllegalArgumentException if rows could not be loaded; the message says why
   * @throws IOException if BigQuery cannot be asked
   */
  @SuppressWarnings("try") // close() of Beam's services throws what it is declared to
  static void of(
      BigQueryTable table, VectorFormat vectors, BigQueryServices services, PipelineOptions options)
      throws IOException {
    BigQueryOptions asked = options.as(BigQueryOptions.class);
    BeamFileStore temporary = new BeamFileStore(asked.getTempLocation());
    String file = "simclr-no-rows-%s.json".formatted(UUID.randomUUID());
    temporary.write(file, nothing -> {});
    try (DatasetService datasets = services.getDatasetService(asked);
        JobService jobs = services.getJobService(asked)) {
      new Rehearsal(table, datasets, jobs, asked).run(vectors, temporary.location() + file);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } catch (IOException | RuntimeException e) {
      throw explained(e);
    } catch (Exception e) {
      throw new IOException(e); // closing declares it
    } finally {
      temporary.delete(List.of(file));
    }
  }

  /** Returns what says that BigQuery has refused, or else the exception itself. */
  private static RuntimeException explained(Exception e) throws IOException {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpResponseException answer && answer.getStatusCode() < 500) {
        String words =
            answer instanceof GoogleJsonResponseException json && json.getDetails() != null
                ? json.getDetails().getMessage()
                : e.getMessage();
        return new IllegalArgumentException(
            "BigQuery answers %d: %s".formatted(answer.getStatusCode(), words), e);
      }
    }
    if (e instanceof IOException failed) {
      throw failed;
    }
    return (RuntimeException) e;
  }

  private void run(VectorFormat vectors, String noRows) throws IOException, InterruptedException {
    String location = datasets.getDataset(table.project(), table.dataset()).getLocation();
    checkVectors(vectors);
    load(
        table.embeddings(),
        EmbeddingRows.schema(vectors),
        new JobConfigurationLoad()
            .setTimePartitioning(EmbeddingRows.partitioning())
            .setClustering(EmbeddingRows.clustering()),
        noRows,
        location);
    load(table.rejects(), RejectRows.schema(), new JobConfigurationLoad(), noRows, location);
    load(
        table.runs(),
        RunRows.schema(),
        new JobConfigurationLoad().setSchemaUpdateOptions(List.of(RunRows.MAY_ADD.name())),
        noRows,
        location);
    makeView(vectors);
  }

  /** Rows are loaded without it, so whoever may make no tables gets none. */
  private void makeView(VectorFormat vectors) throws InterruptedException {
    TableReference view = table.current();
    try {
      if (datasets.getTable(view) == null) {
        datasets.createTable(
            new Table().setTableReference(view).setView(EmbeddingRows.current(table, vectors)));
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "The view {} of current embeddings could not be made: {}. Rows are loaded all the same.",
          view.getTableId(),
          e.getMessage());
    }
  }

  private void checkVectors(VectorFormat vectors) throws IOException, InterruptedException {
    Table there = datasets.getTable(table.embeddings());
    if (there == null) {
      return;
    }
    boolean arrays =
        there.getSchema().getFields().stream()
            .anyMatch(
                column ->
                    column.getName().equals(EmbeddingRows.EMBEDDING)
                        && "REPEATED".equals(column.getMode()));
    if (arrays != (vectors == VectorFormat.FLOAT32)) {
      throw new IllegalArgumentException(
          "the table holds vectors as %s, but --vectors=%s makes others; choose %s, or another table"
              .formatted(
                  arrays ? "arrays of numbers" : "bytes",
                  vectors.code(),
                  arrays ? "float32" : "float16 or int8"));
    }
  }

  private void load(
      TableReference destination,
      TableSchema schema,
      JobConfigurationLoad load,
      String noRows,
      @Nullable String location)
      throws IOException, InterruptedException {
    JobReference job =
        new JobReference()
            .setProjectId(payer)
            .setJobId("simclr_rehearsal_" + UUID.randomUUID().toString().replace("-", ""))
            .setLocation(location);
    jobs.startLoadJob(
        job,
        load.setDestinationTable(destination)
            .setSchema(schema)
            .setSourceUris(List.of(noRows))
            .setSourceFormat("NEWLINE_DELIMITED_JSON")
            .setCreateDisposition("CREATE_IF_NEEDED")
            .setWriteDisposition("WRITE_APPEND"));
    Job ended = jobs.pollJob(job, MOST_POLLS);
    if (ended == null) {
      throw new IOException("BigQuery has not ended job %s yet".formatted(job.getJobId()));
    }
    ErrorProto error = ended.getStatus().getErrorResult();
    if (error != null) {
      String message =
          "rows cannot be loaded into %s: %s"
              .formatted(destination.getTableId(), error.getMessage());
      if (error.getReason() != null && PASSING.contains(error.getReason())) {
        throw new IOException(message);
      }
      throw new IllegalArgumentException(message);
    }
  }
}
