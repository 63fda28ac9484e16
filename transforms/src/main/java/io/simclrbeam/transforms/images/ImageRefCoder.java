package io.simclrbeam.transforms.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.jspecify.annotations.Nullable;

/** Encodes an {@link ImageRef}, for images that are shuffled one by one. */
public final class ImageRefCoder extends AtomicCoder<ImageRef> {
  private static final long serialVersionUID = 1;
  private static final ImageRefCoder INSTANCE = new ImageRefCoder();
  private static final Coder<String> TEXT = StringUtf8Coder.of();
  private static final Coder<@Nullable String> TEXT_OR_NULL = NullableCoder.of(TEXT);
  private static final Coder<Long> NUMBER = VarLongCoder.of();

  private ImageRefCoder() {}

  /** Returns the coder. */
  public static ImageRefCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(ImageRef image, OutputStream out) throws IOException {
    TEXT.encode(image.id(), out);
    TEXT.encode(image.uri(), out);
    NUMBER.encode(image.offset(), out);
    NUMBER.encode(image.length(), out);
    ImageRef.BlockRecord record = image.record();
    TEXT_OR_NULL.encode(record == null ? null : record.field(), out);
    if (record != null) {
      VarIntCoder.of().encode(record.number(), out);
    }
    TEXT_OR_NULL.encode(image.label(), out);
    TEXT_OR_NULL.encode(image.contentSha256(), out);
    TEXT_OR_NULL.encode(image.mark(), out);
  }

  @Override
  public ImageRef decode(InputStream in) throws IOException {
    String id = TEXT.decode(in);
    String uri = TEXT.decode(in);
    long offset = NUMBER.decode(in);
    long length = NUMBER.decode(in);
    @Nullable String field = TEXT_OR_NULL.decode(in);
    ImageRef.@Nullable BlockRecord record =
        field == null ? null : new ImageRef.BlockRecord(field, VarIntCoder.of().decode(in));
    return new ImageRef(
        id,
        uri,
        offset,
        length,
        record,
        TEXT_OR_NULL.decode(in),
        TEXT_OR_NULL.decode(in),
        TEXT_OR_NULL.decode(in));
  }

  @Override
  public boolean consistentWithEquals() {
    return true;
  }
}
