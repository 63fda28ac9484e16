package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** An image as a vector, and where both came from. */
@AutoValue
@DefaultCoder(EmbeddingCoder.class)
public abstract class Embedding {
  /** Returns the image's id: its path below the input's root, or {@code shard.tar/entry}. */
  public abstract String id();

  /** Returns the file that the image's bytes are in. */
  public abstract String uri();

  /** Returns the image's class, or null if it has none. */
  public abstract @Nullable String label();

  /** Returns the SHA-256 of the image's bytes, in hexadecimal. */
  public abstract String contentSha256();

  /** Returns the image's width in pixels. */
  public abstract int width();

  /** Returns the image's height in pixels. */
  public abstract int height();

  /** Returns the first 12 digits of the SHA-256 of the encoder that made the vector. */
  public abstract String modelId();

  /** Returns when the run that made the vector began. */
  public abstract Instant embeddedAt();

  /** Returns the embedding, float32 {@code [D]}; not to be changed. */
  @SuppressWarnings("mutable")
  public abstract float[] vector();

  /** Returns a builder of the same embedding. */
  public abstract Builder toBuilder();

  /** Returns a builder with nothing set. */
  public static Builder builder() {
    return new AutoValue_Embedding.Builder();
  }

  /** Sets one property after the other; all but the label must be set. */
  @AutoValue.Builder
  public abstract static class Builder {
    public abstract Builder setId(String id);

    public abstract Builder setUri(String uri);

    public abstract Builder setLabel(@Nullable String label);

    public abstract Builder setContentSha256(String sha256);

    public abstract Builder setWidth(int pixels);

    public abstract Builder setHeight(int pixels);

    public abstract Builder setModelId(String id);

    public abstract Builder setEmbeddedAt(Instant time);

    public abstract Builder setVector(float[] vector);

    /** Returns the embedding. */
    public abstract Embedding build();
  }
}
