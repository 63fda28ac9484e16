package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What reading an image came to: its bytes, or why there are none.
 *
 * @param bytes of the image, or null
 * @param rejected why it cannot be used, or null
 */
record ReadResult(byte @Nullable [] bytes, @Nullable RejectedImageException rejected) {
  static ReadResult of(byte[] bytes) {
    return new ReadResult(bytes, null);
  }

  static ReadResult rejected(RejectReason reason, String detail) {
    return new ReadResult(null, new RejectedImageException(reason, detail));
  }

  /** Returns the bytes. */
  byte[] get() throws RejectedImageException {
    if (bytes == null) {
      throw Objects.requireNonNull(rejected);
    }
    return bytes;
  }
}
