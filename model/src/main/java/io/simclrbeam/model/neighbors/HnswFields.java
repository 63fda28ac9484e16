package io.simclrbeam.model.neighbors;

/** The names of the fields of an image in the index. */
final class HnswFields {
  static final String ID = "id";
  static final String LABEL = "label";
  static final String URI = "uri";
  static final String VECTOR = "vector";

  private HnswFields() {}
}
