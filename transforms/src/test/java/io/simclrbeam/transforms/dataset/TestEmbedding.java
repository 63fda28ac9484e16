package io.simclrbeam.transforms.dataset;

import org.joda.time.Instant;

/** An embedding of which a test says only what it is about. */
public final class TestEmbedding {
  private TestEmbedding() {}

  /** Returns one of model {@code m} without label, made in a fixed moment. */
  public static Embedding.Builder of(String id, float... vector) {
    return Embedding.builder()
        .setId(id)
        .setUri("/images/" + id)
        .setLabel(null)
        .setContentSha256("sha of " + id)
        .setWidth(30)
        .setHeight(20)
        .setModelId("m")
        .setEmbeddedAt(Instant.ofEpochMilli(1_700_000_000_123L))
        .setVector(vector);
  }
}
