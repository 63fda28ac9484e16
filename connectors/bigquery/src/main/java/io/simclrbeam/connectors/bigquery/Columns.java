package io.simclrbeam.connectors.bigquery;

import com.google.api.services.bigquery.model.TableFieldSchema;

/** Columns of tables. */
final class Columns {
  private Columns() {}

  static TableFieldSchema required(String name, String type) {
    return new TableFieldSchema().setName(name).setType(type).setMode("REQUIRED");
  }

  static TableFieldSchema nullable(String name, String type) {
    return new TableFieldSchema().setName(name).setType(type).setMode("NULLABLE");
  }

  static TableFieldSchema repeated(String name, String type) {
    return new TableFieldSchema().setName(name).setType(type).setMode("REPEATED");
  }
}
