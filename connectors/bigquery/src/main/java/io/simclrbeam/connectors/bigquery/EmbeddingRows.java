package io.simclrbeam.connectors.bigquery;

import static io.simclrbeam.connectors.bigquery.Columns.nullable;
import static io.simclrbeam.connectors.bigquery.Columns.repeated;
import static io.simclrbeam.connectors.bigquery.Columns.required;

import com.google.api.services.bigquery.model.Clustering;
import com.google.api.services.bigquery.model.TableFieldSchema;
import com.google.api.services.bigquery.model.TableReference;
import com.google.api.services.bigquery.model.TableSchema;
import com.google.api.services.bigquery.model.TimePartitioning;
import com.google.api.services.bigquery.model.ViewDefinition;
import io.simclrbeam.model.embed.VectorFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.gcp.bigquery.AvroWriteRequest;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the table of embeddings: the fields of the record, and the run. BigQuery's numbers
 * are float64, and its arrays are never null: of an image that is gone the array is empty.
 *
 * @param run name of the run
 */
record EmbeddingRows(String run)
    implements SerializableFunction<AvroWriteRequest<GenericRecord>, GenericRecord> {
  private static final String RUN = "run";
  private static final String EMBEDDED_AT = "embedded_at";
  static final String EMBEDDING = "embedding";
  private static final String SCALE = "scale";

  static TimePartitioning partitioning() {
    return new TimePartitioning().setType("DAY").setField(EMBEDDED_AT);
  }

  static Clustering clustering() {
    return new Clustering().setFields(List.of("model_id", "id"));
  }

  static TableSchema schema(VectorFormat vectors) {
    List<TableFieldSchema> columns =
        new ArrayList<>(
            List.of(
                required(RUN, "STRING"),
                required("id", "STRING"),
                required("uri", "STRING"),
                nullable("label", "STRING"),
                required("content_sha256", "STRING"),
                required("width", "INTEGER"),
                required("height", "INTEGER"),
                required("model_id", "STRING"),
                required(EMBEDDED_AT, "TIMESTAMP")));
    if (vectors == VectorFormat.FLOAT32) {
      columns.add(repeated(EMBEDDING, "FLOAT"));
    } else {
      columns.add(nullable(EMBEDDING, "BYTES"));
      columns.add(nullable(SCALE, "FLOAT"));
    }
    return new TableSchema().setFields(columns);
  }

  /**
   * Returns the newest embedding of each image and model that is not deleted, of runs that are
   * whole.
   *
   * @param vectors that the table holds
   */
  static ViewDefinition current(BigQueryTable table, VectorFormat vectors) {
    return new ViewDefinition()
        .setUseLegacySql(false)
        .setQuery(
            """
            SELECT * FROM (
              SELECT record.*
              FROM `%1$s` AS record
              JOIN (SELECT DISTINCT run, model_id FROM `%2$s`) USING (run, model_id)
              WHERE TRUE
              QUALIFY ROW_NUMBER() OVER (PARTITION BY model_id, id ORDER BY run DESC) = 1)
            WHERE %3$s"""
                .formatted(
                    name(table.embeddings()),
                    name(table.runs()),
                    vectors == VectorFormat.FLOAT32
                        ? "ARRAY_LENGTH(embedding) > 0"
                        : "embedding IS NOT NULL"));
  }

  private static String name(TableReference table) {
    return "%s.%s.%s".formatted(table.getProjectId(), table.getDatasetId(), table.getTableId());
  }

  @Override
  public GenericRecord apply(AvroWriteRequest<GenericRecord> request) {
    GenericRecord row = new GenericData.Record(request.getSchema());
    for (Schema.Field column : request.getSchema().getFields()) {
      row.put(column.pos(), value(column, request.getElement()));
    }
    return row;
  }

  private @Nullable Object value(Schema.Field column, GenericRecord record) {
    if (column.name().equals(RUN)) {
      return run;
    }
    Object value = record.get(column.name());
    boolean repeated = column.schema().getType() == Schema.Type.ARRAY;
    return switch (column.name()) {
      case "width", "height" -> ((Integer) value).longValue();
      case EMBEDDED_AT -> TimeUnit.MILLISECONDS.toMicros((Long) value);
      case EMBEDDING -> value == null && repeated ? List.of() : value;
      case SCALE -> value == null ? null : ((Float) value).doubleValue();
      default -> value;
    };
  }
}
