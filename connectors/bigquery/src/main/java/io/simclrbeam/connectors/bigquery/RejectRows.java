package io.simclrbeam.connectors.bigquery;

import static io.simclrbeam.connectors.bigquery.Columns.required;

import com.google.api.services.bigquery.model.TableRow;
import com.google.api.services.bigquery.model.TableSchema;
import java.time.Instant;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.transforms.SerializableFunction;

/**
 * The rows of the table of rejects: the fields of the record, and the run.
 *
 * @param run name of the run
 */
record RejectRows(String run) implements SerializableFunction<GenericRecord, TableRow> {
  private static final List<String> TEXTS = List.of("uri", "id", "stage", "reason", "detail");

  static TableSchema schema() {
    return new TableSchema()
        .setFields(
            List.of(
                required("run", "STRING"),
                required("uri", "STRING"),
                required("id", "STRING"),
                required("stage", "STRING"),
                required("reason", "STRING"),
                required("detail", "STRING"),
                required("seen_at", "TIMESTAMP")));
  }

  @Override
  public TableRow apply(GenericRecord reject) {
    TableRow row = new TableRow().set("run", run);
    TEXTS.forEach(text -> row.set(text, reject.get(text).toString()));
    return row.set("seen_at", Instant.ofEpochMilli((Long) reject.get("seen_at")).toString());
  }
}
