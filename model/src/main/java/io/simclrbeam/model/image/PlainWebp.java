package io.simclrbeam.model.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A WebP, or the first frame of an animation, reduced to its colors: without the alpha of a lossy
 * one, color profile and metadata.
 *
 * @param file a simple file (RFC 9649, section 2.5)
 * @param end index after the last byte that the pixels depend on
 * @param lossless whether it is of the lossless kind
 */
record PlainWebp(byte[] file, int end, boolean lossless) {
  /** Where the data of the only chunk starts. */
  private static final int DATA = 20;

  private static final int LOSSY_HEADER = 10;

  /**
   * Makes one.
   *
   * @throws RejectedImageException TRUNCATED if there are no pixels, or their header is damaged
   */
  static PlainWebp of(HeaderBytes bytes, byte[] encoded) throws RejectedImageException {
    return of(Chunks.of(bytes), bytes, encoded);
  }

  /** Makes one of the first chunk of pixels among some. */
  static PlainWebp of(Chunks chunks, HeaderBytes bytes, byte[] encoded)
      throws RejectedImageException {
    do {
      if (!chunks.next()) {
        throw bytes.truncated("it has no pixels");
      }
    } while (!chunks.is("VP8 ") && !chunks.is("VP8L"));
    boolean lossless = chunks.is("VP8L");
    if (!lossless) {
      checkLossyHeader(bytes, chunks.start(), chunks.length());
    }
    ByteBuffer plain = ByteBuffer.allocate(DATA + chunks.length()).order(ByteOrder.LITTLE_ENDIAN);
    plain.put(encoded, 0, 4).putInt(DATA - 8 + chunks.length()).put(encoded, 8, 4);
    plain.put(encoded, chunks.start() - 8, 8 + chunks.length());
    return new PlainWebp(plain.array(), DATA + chunks.length(), lossless);
  }

  /** The checks of libwebp's {@code VP8GetInfo} (RFC 6386, section 9.1). */
  private static void checkLossyHeader(HeaderBytes bytes, int start, int length)
      throws RejectedImageException {
    int bits = bytes.uint16Little(start) | (bytes.uint8(start + 2) << 16);
    boolean keyFrame = (bits & 1) == 0;
    int profile = (bits >> 1) & 7;
    boolean shown = (bits & 0x10) != 0;
    int firstPartition = bits >> 5;
    boolean marked =
        bytes.uint8(start + 3) == 0x9D
            && bytes.uint8(start + 4) == 0x01
            && bytes.uint8(start + 5) == 0x2A;
    if (!keyFrame || profile > 3 || !shown || !marked) {
      throw bytes.truncated("it does not start with a picture");
    }
    if (firstPartition > length - LOSSY_HEADER) {
      throw bytes.truncated("its first partition has %,d bytes".formatted(firstPartition));
    }
  }
}
