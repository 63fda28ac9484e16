package io.simclrbeam.connectors.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.googleapis.testing.json.GoogleJsonResponseExceptionFactoryTesting;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.bigquery.model.ErrorProto;
import com.google.api.services.bigquery.model.Job;
import com.google.api.services.bigquery.model.JobConfigurationLoad;
import com.google.api.services.bigquery.model.JobReference;
import com.google.api.services.bigquery.model.JobStatus;
import com.google.api.services.bigquery.model.Table;
import com.google.api.services.bigquery.model.TableReference;
import com.google.api.services.bigquery.model.TableRow;
import com.google.api.services.bigquery.model.ViewDefinition;
import io.simclrbeam.model.embed.VectorFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.beam.sdk.io.gcp.testing.FakeBigQueryServices;
import org.apache.beam.sdk.io.gcp.testing.FakeDatasetService;
import org.apache.beam.sdk.io.gcp.testing.FakeJobService;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@SuppressWarnings("try") // close() of Beam's services throws what it is declared to
final class RehearsalTest {
  private static final BigQueryTable TABLE = BigQueryTable.parse("bq://project.dataset.images");

  private final FakeDatasetService tables = new FakeDatasetService();

  @TempDir private Path temporary;

  @BeforeEach
  void setUp() throws Exception {
    FakeDatasetService.setUp();
    FakeJobService.setUp();
    tables.createDataset("project", "dataset", "", "", null);
  }

  private void rehearse(BigQueryTable table, VectorFormat vectors, FakeJobService jobs)
      throws IOException {
    rehearse(table, vectors, jobs, tables);
  }

  private void rehearse(
      BigQueryTable table, VectorFormat vectors, FakeJobService jobs, FakeDatasetService datasets)
      throws IOException {
    PipelineOptions options = PipelineOptionsFactory.create();
    options.setTempLocation(temporary.toString());
    Rehearsal.of(
        table,
        vectors,
        new FakeBigQueryServices().withJobService(jobs).withDatasetService(datasets),
        options);
  }

  @ParameterizedTest
  @EnumSource
  void tablesAreMadeOnceAndGetNoRows(VectorFormat vectors) throws Exception {
    rehearse(TABLE, vectors, new FakeJobService());
    rehearse(TABLE, vectors, new FakeJobService());

    Table made = tables.getTable(TABLE.embeddings());
    assertThat(made.getSchema()).isEqualTo(EmbeddingRows.schema(vectors));
    assertThat(made.getTimePartitioning()).isEqualTo(EmbeddingRows.partitioning());
    assertThat(made.getClustering()).isEqualTo(EmbeddingRows.clustering());
    assertThat(tables.getTable(TABLE.rejects()).getSchema()).isEqualTo(RejectRows.schema());
    assertThat(tables.getTable(TABLE.runs()).getSchema()).isEqualTo(RunRows.schema());
    ViewDefinition view = tables.getTable(TABLE.current()).getView();
    assertThat(view).isEqualTo(EmbeddingRows.current(TABLE, vectors));
    assertThat(view.getUseLegacySql()).isFalse();
    assertThat(view.getQuery())
        .contains("`project.dataset.images`", "`project.dataset.images_runs`")
        .contains(vectors == VectorFormat.FLOAT32 ? "ARRAY_LENGTH" : "IS NOT NULL");
    for (TableReference table : List.of(TABLE.embeddings(), TABLE.rejects(), TABLE.runs())) {
      List<TableRow> rows = tables.getAllRows("project", "dataset", table.getTableId());
      assertThat(rows).isEmpty();
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aTableOfOtherVectorsIsRefused() throws IOException {
    rehearse(TABLE, VectorFormat.INT8, new FakeJobService());
    assertThatCode(() -> rehearse(TABLE, VectorFormat.FLOAT16, new FakeJobService()))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> rehearse(TABLE, VectorFormat.FLOAT32, new FakeJobService()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the table holds vectors as bytes, but --vectors=float32 makes others; choose float16 or"
                + " int8, or another table");

    BigQueryTable other = BigQueryTable.parse("bq://project.dataset.other");
    rehearse(other, VectorFormat.FLOAT32, new FakeJobService());
    assertThatThrownBy(() -> rehearse(other, VectorFormat.INT8, new FakeJobService()))
        .hasMessageContaining("as arrays of numbers, but --vectors=int8 makes others");
  }

  @Test
  void whoMayMakeNoViewGetsNone() throws Exception {
    FakeDatasetService noViews =
        new FakeDatasetService() {
          @Override
          public void createTable(Table table) throws IOException {
            if (table.getView() != null) {
              throw new IOException("Access Denied");
            }
            super.createTable(table);
          }
        };
    rehearse(TABLE, VectorFormat.FLOAT32, new FakeJobService(), noViews);

    assertThat(tables.getTable(TABLE.embeddings())).isNotNull();
    assertThat(tables.getTable(TABLE.current())).isNull();
  }

  @Test
  void aDatasetThatIsMissingIsSaid() {
    assertThatThrownBy(
            () ->
                rehearse(
                    BigQueryTable.parse("bq://project.nowhere.images"),
                    VectorFormat.FLOAT32,
                    new FakeJobService()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BigQuery answers 404: ");
  }

  @Test
  void missingPermissionsAreSaid() {
    assertThatThrownBy(() -> rehearse(TABLE, VectorFormat.FLOAT32, new Forbidding()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BigQuery answers 403: ");
    assertThatThrownBy(
            () -> rehearse(TABLE, VectorFormat.FLOAT32, new Failing("accessDenied", "no writing")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows cannot be loaded into images: no writing");
  }

  /** Then the command fails, but the user need not change it. */
  @Test
  void aFailureOfBigQueryIsNoMistakeOfTheUser() {
    assertThatThrownBy(
            () -> rehearse(TABLE, VectorFormat.FLOAT32, new Failing("backendError", "try again")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("try again");
  }

  private static final class Forbidding extends FakeJobService {
    private static final long serialVersionUID = 1;

    @Override
    public void startLoadJob(JobReference job, JobConfigurationLoad load) throws IOException {
      GoogleJsonResponseException forbidden =
          GoogleJsonResponseExceptionFactoryTesting.newMock(
              GsonFactory.getDefaultInstance(), 403, "Access Denied");
      throw new IOException("Unable to insert job", forbidden);
    }
  }

  private static final class Failing extends FakeJobService {
    private static final long serialVersionUID = 1;

    private final String reason;
    private final String message;

    Failing(String reason, String message) {
      this.reason = reason;
      this.message = message;
    }

    @Override
    public void startLoadJob(JobReference job, JobConfigurationLoad load) {}

    @Override
    public Job pollJob(JobReference job, int attempts) {
      return new Job()
          .setStatus(
              new JobStatus()
                  .setErrorResult(new ErrorProto().setReason(reason).setMessage(message)));
    }
  }
}
