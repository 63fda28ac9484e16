package io.simclrbeam.transforms.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderProvider;
import org.apache.beam.sdk.coders.CoderProviders;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** Encodes an {@link Embedding}, its vector as big-endian float32. */
public final class EmbeddingCoder extends AtomicCoder<Embedding> {
  private static final long serialVersionUID = 1;
  private static final EmbeddingCoder INSTANCE = new EmbeddingCoder();
  private static final Coder<String> TEXT = StringUtf8Coder.of();
  private static final Coder<@Nullable String> TEXT_OR_NULL = NullableCoder.of(TEXT);
  private static final Coder<Integer> NUMBER = VarIntCoder.of();

  private EmbeddingCoder() {}

  /** Returns the coder. */
  public static EmbeddingCoder of() {
    return INSTANCE;
  }

  /** Names the coder to Beam, as {@link org.apache.beam.sdk.coders.DefaultCoder} asks. */
  public static CoderProvider getCoderProvider() {
    return CoderProviders.forCoder(TypeDescriptor.of(Embedding.class), INSTANCE);
  }

  @Override
  public void encode(Embedding value, OutputStream out) throws IOException {
    TEXT.encode(value.id(), out);
    TEXT.encode(value.uri(), out);
    TEXT_OR_NULL.encode(value.label(), out);
    TEXT.encode(value.contentSha256(), out);
    NUMBER.encode(value.width(), out);
    NUMBER.encode(value.height(), out);
    TEXT.encode(value.modelId(), out);
    VarLongCoder.of().encode(value.embeddedAt().getMillis(), out);
    float[] vector = value.vector();
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length);
    bytes.asFloatBuffer().put(vector);
    ByteArrayCoder.of().encode(bytes.array(), out);
  }

  @Override
  public Embedding decode(InputStream in) throws IOException {
    Embedding.Builder value =
        Embedding.builder()
            .setId(TEXT.decode(in))
            .setUri(TEXT.decode(in))
            .setLabel(TEXT_OR_NULL.decode(in))
            .setContentSha256(TEXT.decode(in))
            .setWidth(NUMBER.decode(in))
            .setHeight(NUMBER.decode(in))
            .setModelId(TEXT.decode(in))
            .setEmbeddedAt(Instant.ofEpochMilli(VarLongCoder.of().decode(in)));
    ByteBuffer bytes = ByteBuffer.wrap(ByteArrayCoder.of().decode(in));
    float[] vector = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(vector);
    return value.setVector(vector).build();
  }

  @Override
  public boolean consistentWithEquals() {
    return true;
  }
}
