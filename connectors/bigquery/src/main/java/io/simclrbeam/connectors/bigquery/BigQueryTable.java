package io.simclrbeam.connectors.bigquery;

import com.google.api.services.bigquery.model.TableReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table of embeddings, beside which there are one of rejects, one of runs, and a view of what is
 * current.
 *
 * @param project its id, with the domain if it has one: {@code example.com:project}
 */
record BigQueryTable(String project, String dataset, String table) {
  private static final Pattern SYNTAX =
      Pattern.compile("bq://([a-z][a-z0-9:.-]*)\\.([A-Za-z0-9_]+)\\.([A-Za-z0-9_-]+)");

  /** A table's name has at most 1024 bytes; this leaves room for {@code _rejects}. */
  private static final int LONGEST = 1000;

  /**
   * Parses {@code bq://project.dataset.table}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  static BigQueryTable parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches() || matcher.group(3).length() > LONGEST) {
      throw new IllegalArgumentException(
          "'%s' is no table of BigQuery; that is bq://project.dataset.table".formatted(text));
    }
    return new BigQueryTable(matcher.group(1), matcher.group(2), matcher.group(3));
  }

  TableReference embeddings() {
    return reference("");
  }

  TableReference rejects() {
    return reference("_rejects");
  }

  TableReference runs() {
    return reference("_runs");
  }

  /** Returns the view of the newest embedding of each image that is not deleted. */
  TableReference current() {
    return reference("_current");
  }

  private TableReference reference(String suffix) {
    return new TableReference()
        .setProjectId(project)
        .setDatasetId(dataset)
        .setTableId(table + suffix);
  }
}
