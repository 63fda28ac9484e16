package io.simclrbeam.connectors.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.api.services.bigquery.model.JobConfigurationLoad;
import com.google.api.services.bigquery.model.JobReference;
import com.google.api.services.bigquery.model.Table;
import com.google.api.services.bigquery.model.TableFieldSchema;
import com.google.api.services.bigquery.model.TableRow;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.QualityGates;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.dataset.WriteRun;
import io.simclrbeam.transforms.images.ImageLimit;
import io.simclrbeam.transforms.rejects.Reject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.io.gcp.testing.FakeBigQueryServices;
import org.apache.beam.sdk.io.gcp.testing.FakeDatasetService;
import org.apache.beam.sdk.io.gcp.testing.FakeJobService;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes runs as embed does, but for the encoder, and loads them into a BigQuery in memory. */
class LoadRunTest {
  private static final BigQueryTable TABLE = BigQueryTable.parse("bq://project.dataset.images");
  private static final String MONDAY = "20260105T010203Z";
  private static final String TUESDAY = "20260106T010203Z";
  private static final ImageLimit ANY = new ImageLimit(100, true);

  private static final GenericRecord REJECT =
      Reject.of("/images/c.png", "c.png", "embed", RejectReason.TRUNCATED, "ends early");

  private final FakeDatasetService tables = new FakeDatasetService();
  private final FakeJobService jobs = new FakeJobService();

  @TempDir Path temporary;

  /** Ids and files of the images that are gone. */
  private List<KV<String, String>> gone = List.of();

  @BeforeEach
  void setUp() throws Exception {
    FakeDatasetService.setUp();
    FakeJobService.setUp();
    tables.createDataset("project", "dataset", "", "", null);
  }

  private static Embedding embedding(String id, @Nullable String label, float... vector) {
    return Embedding.builder()
        .setId(id)
        .setUri("/images/" + id)
        .setLabel(label)
        .setContentSha256("sha of " + id)
        .setWidth(30)
        .setHeight(20)
        .setModelId("0123456789ab")
        .setEmbeddedAt(Instant.parse("2026-01-02T03:04:05Z"))
        .setVector(vector)
        .build();
  }

  private DatasetRun run(String name) {
    Path folder = temporary.resolve("model=0123456789ab/run=" + name);
    try {
      Files.writeString(Files.createDirectories(folder).resolve("_RUNNING"), "{}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new DatasetRun("0123456789ab", name, folder + "/");
  }

  private void load(
      DatasetRun run,
      PartFormat format,
      ImageLimit maxRejects,
      FakeJobService service,
      boolean expected) {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setTempLocation(temporary.resolve("temp").toString());
    options.setEnforceImmutability(false); // which takes a third of the time
    Pipeline pipeline = Pipeline.create(options);
    PCollection<Boolean> published =
        PCollectionTuple.of(
                WriteRun.EMBEDDINGS,
                pipeline.apply(
                    "Embeddings",
                    Create.of(
                        embedding("a.png", "cat", 0.1f, -254), embedding("b.png", null, 2.5f, 0))))
            .and(
                WriteRun.GONE,
                pipeline.apply(
                    "Gone",
                    Create.of(gone)
                        .withCoder(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of()))))
            .and(
                WriteRun.REJECTS,
                pipeline.apply("Rejects", Create.of(REJECT).withCoder(AvroCoder.of(Reject.SCHEMA))))
            .apply(
                WriteRun.of(
                        new RunSpec(
                            temporary.toString(),
                            run.model(),
                            run.name(),
                            0,
                            2,
                            Map.of(),
                            Map.of()),
                        format,
                        QualityGates.NONE.toBuilder().maxRejects(maxRejects).build())
                    .withLoad(
                        LoadRun.of(TABLE, run, format.vectors())
                            .withServices(
                                new FakeBigQueryServices()
                                    .withJobService(service)
                                    .withDatasetService(tables))));
    PAssert.that(published).containsInAnyOrder(expected);
    pipeline.run().waitUntilFinish();
  }

  private List<TableRow> rows(String table) throws Exception {
    return tables.getAllRows("project", "dataset", table);
  }

  private Table table(String name) throws Exception {
    return tables.getTable(TABLE.embeddings().clone().setTableId(name));
  }

  private static TableRow row(String run, String id, @Nullable String label) {
    TableRow row = new TableRow();
    row.put("run", run);
    row.put("id", id);
    row.put("uri", "/images/" + id);
    row.put("content_sha256", "sha of " + id);
    row.put("width", "30");
    row.put("height", "20");
    row.put("model_id", "0123456789ab");
    row.put("embedded_at", "2026-01-02 03:04:05 UTC");
    if (label != null) {
      row.put("label", label);
    }
    return row;
  }

  @Test
  void rowsOfSeveralRunsAreInTheTables() throws Exception {
    load(run(MONDAY), PartFormat.DEFAULT, ANY, jobs, true);
    load(run(TUESDAY), PartFormat.DEFAULT, ANY, jobs, true);

    List<TableRow> expected = new ArrayList<>();
    for (String run : List.of(MONDAY, TUESDAY)) {
      TableRow a = row(run, "a.png", "cat");
      a.put("embedding", List.of((double) 0.1f, -254.0));
      TableRow b = row(run, "b.png", null);
      b.put("embedding", List.of(2.5, 0.0));
      expected.addAll(List.of(a, b));
    }
    assertThat(rows("images")).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(table("images_rejects").getSchema().getFields()).hasSize(7);
    assertThat(rows("images_rejects")).containsExactly(rejectRow(MONDAY), rejectRow(TUESDAY));
    assertPartitionedAndClustered();
    assertThat(rows("images_runs"))
        .extracting(row -> row.get("run"))
        .containsExactly(MONDAY, TUESDAY);
    assertHasCountsAndManifest(rows("images_runs").get(0));
    assertThat(Path.of(run(MONDAY).folder(), "_SUCCESS")).exists();
  }

  private static TableRow rejectRow(String run) {
    return new TableRow()
        .set("run", run)
        .set("uri", "/images/c.png")
        .set("id", "c.png")
        .set("stage", "embed")
        .set("reason", "truncated")
        .set("detail", "ends early")
        .set("seen_at", java.time.Instant.ofEpochMilli((Long) REJECT.get("seen_at")).toString());
  }

  private void assertPartitionedAndClustered() throws Exception {
    Table table = table("images");
    assertThat(table.getTimePartitioning().getType()).isEqualTo("DAY");
    assertThat(table.getTimePartitioning().getField()).isEqualTo("embedded_at");
    assertThat(table.getClustering().getFields()).containsExactly("model_id", "id");
    assertThat(table.getSchema().getFields())
        .extracting(TableFieldSchema::getName)
        .containsExactly(
            "run",
            "id",
            "uri",
            "label",
            "content_sha256",
            "width",
            "height",
            "model_id",
            "embedded_at",
            "embedding");
    assertThat(table.getSchema().getFields().get(9))
        .isEqualTo(Columns.repeated("embedding", "FLOAT"));
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "INT8"}) // bytes are bytes
  void aDeletedImageIsARowWithoutEmbedding(VectorFormat vectors) throws Exception {
    gone = List.of(KV.of("gone.png", "/images/gone.png"));
    load(run(MONDAY), new PartFormat(FileFormat.of("avro"), vectors, "zstandard"), ANY, jobs, true);

    TableRow row =
        rows("images").stream()
            .filter(r -> r.get("id").equals("gone.png"))
            .findFirst()
            .orElseThrow();
    assertThat(row.get("uri")).isEqualTo("/images/gone.png");
    assertThat(row.get("content_sha256")).isEqualTo("");
    assertThat(row.get("embedding")).isIn(null, List.of());
    assertThat(rows("images")).hasSize(3);
    assertThat(rows("images_runs").get(0).get("deleted")).hasToString("1");
  }

  @Test
  void packedVectorsAreBytesAndTheirScale() throws Exception {
    load(
        run(MONDAY),
        new PartFormat(FileFormat.of("parquet"), VectorFormat.INT8, "zstandard"),
        ANY,
        jobs,
        true);

    assertThat(rows("images"))
        .extracting(row -> row.get("id"), row -> row.get("embedding"), row -> row.get("scale"))
        .containsExactlyInAnyOrder(
            tuple("a.png", base64(0, -127), 2.0),
            tuple("b.png", base64(127, 0), (double) (2.5f / 127)));
  }

  private static String base64(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return Base64.getEncoder().encodeToString(array);
  }

  private void assertHasCountsAndManifest(TableRow row) throws IOException {
    JsonNode manifest = new ObjectMapper().readTree(row.get("manifest").toString());
    assertThat(manifest.get("dimension").intValue()).isEqualTo(2);
    assertThat(manifest.get("counts").get("embedded").intValue()).isEqualTo(2);
    row.remove("manifest");
    assertThat(new ObjectMapper().valueToTree(row).toString())
        .isEqualTo(
            "{'run':'20260105T010203Z','model_id':'0123456789ab','started_at':'2026-01-05T01:02:03Z',"
                    .replace('\'', '"')
                + "'vectors':'float32','input':3,'embedded':2,'skipped':0,'rejected':1,'deleted':0,'updated':0}"
                    .replace('\'', '"'));
  }

  @Test
  void aRunThatIsNotPublishedIsNotLoaded() throws Exception {
    load(run(MONDAY), PartFormat.DEFAULT, new ImageLimit(0, false), jobs, false);

    // Beam makes the tables of loads without rows.
    assertThat(rows("images")).isEmpty();
    assertThat(rows("images_rejects")).isEmpty();
    assertThat(rows("images_runs")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"images", "images_rejects"})
  void aRunWhoseLoadFailsHasNoRowAndDoesNotCountAmongFilesEither(String failing) throws Exception {
    FailingJobs.runsAreLoaded = new CountDownLatch(1);

    assertThatThrownBy(
            () -> load(run(MONDAY), PartFormat.DEFAULT, ANY, new FailingJobs(failing), true))
        .hasStackTraceContaining("no load into " + failing);

    assertThat(FailingJobs.runsAreLoaded.getCount()).isOne();
    assertThat(table("images_runs")).isNull();
    assertThat(Path.of(run(MONDAY).folder(), "_MANIFEST.json")).exists();
    assertThat(Path.of(run(MONDAY).folder(), "_SUCCESS")).doesNotExist();
  }

  /** Fails to load one table, but only after the run's row had time to come too early. */
  @SuppressWarnings("try") // close() throws what it is declared to
  private static final class FailingJobs extends FakeJobService {
    private static final long serialVersionUID = 1;
    private static final long SECONDS_TO_BE_EARLY = 5;

    /** Not of an instance: Beam makes copies of it. */
    private static volatile CountDownLatch runsAreLoaded = new CountDownLatch(1);

    private final String table;

    FailingJobs(String table) {
      this.table = table;
    }

    @Override
    public void startLoadJob(JobReference job, JobConfigurationLoad load) throws IOException {
      String loaded = load.getDestinationTable().getTableId();
      if (loaded.equals("images_runs")) {
        runsAreLoaded.countDown();
      } else if (loaded.equals(table)) {
        await();
        // Beam would try again, and wait, after an exception.
        throw new AssertionError("no load into " + table);
      }
      super.startLoadJob(job, load);
    }

    private static void await() {
      try {
        if (runsAreLoaded.await(SECONDS_TO_BE_EARLY, TimeUnit.SECONDS)) {
          throw new AssertionError("the run's row is loaded before the rest");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
