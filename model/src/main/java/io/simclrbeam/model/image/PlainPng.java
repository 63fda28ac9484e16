package io.simclrbeam.model.image;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A PNG reduced to the chunks that make up its colors, without the alpha of a palette. */
final class PlainPng {
  /** Max bytes of a pixel. */
  private static final int MAX_PIXEL_BYTES = 8;

  private static final int HEADER = 16;

  private static final byte[] END = {
    0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xAE, 0x42, 0x60, (byte) 0x82
  };

  private PlainPng() {}

  /**
   * Returns the file without transparent colors, which would become alpha or change the colors, and
   * with its end chunk.
   *
   * @throws RejectedImageException TRUNCATED if a chunk is not wholly there
   */
  static byte[] opaque(HeaderBytes bytes, byte[] encoded) throws RejectedImageException {
    boolean plain = true;
    Chunks chunks = Chunks.of(bytes);
    while (chunks.next()) {
      plain &= !chunks.is("tRNS");
    }
    if (plain && chunks.is("IEND")) {
      return encoded;
    }
    ByteArrayOutputStream opaque = new ByteArrayOutputStream(encoded.length + END.length);
    opaque.write(encoded, 0, 8);
    chunks = Chunks.of(bytes);
    while (chunks.next()) {
      if (!chunks.is("tRNS") && !chunks.is("IEND")) {
        opaque.write(encoded, chunks.start() - 8, 12 + chunks.length());
      }
    }
    opaque.writeBytes(END);
    return opaque.toByteArray();
  }

  /**
   * Makes one. Checks what the JDK does not: the check sums of the chunks, and that the compressed
   * data is complete, with its own check sum.
   *
   * @throws RejectedImageException TRUNCATED if they do not
   */
  static byte[] of(ImageHeader header, HeaderBytes bytes, byte[] encoded)
      throws RejectedImageException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream(encoded.length);
    plain.write(encoded, 0, 8);
    Inflater inflater = new Inflater();
    try {
      // Each row starts with a byte, and an interlaced picture has up to two rows for each.
      Inflated inflated =
          new Inflated(
              inflater, bytes, ((long) MAX_PIXEL_BYTES * header.width() + 1) * header.height() * 2);
      Chunks chunks = Chunks.of(bytes);
      while (chunks.next()) {
        if (chunks.is("IHDR") != (chunks.start() == HEADER)) {
          throw bytes.truncated("its header is not at its start");
        }
        if (chunks.is("IHDR") || chunks.is("PLTE") || chunks.is("IDAT")) {
          checkSum(chunks, bytes, encoded);
          plain.write(encoded, chunks.start() - 8, 12 + chunks.length());
        }
        if (chunks.is("IDAT")) {
          inflated.add(encoded, chunks.start(), chunks.length());
        }
      }
      if (!inflater.finished()) {
        throw bytes.truncated("its compressed data ends early");
      }
    } finally {
      inflater.end();
    }
    plain.writeBytes(END);
    return plain.toByteArray();
  }

  /** Checks that a chunk has the bytes that it was written with. */
  static void checkSum(Chunks chunk, HeaderBytes bytes, byte[] encoded)
      throws RejectedImageException {
    CRC32 sum = new CRC32();
    sum.update(encoded, chunk.start() - 4, 4 + chunk.length());
    if ((int) sum.getValue() != bytes.int32Big(chunk.start() + chunk.length())) {
      throw bytes.truncated("a check sum does not fit");
    }
  }

  /** Decompresses data to check it, and throws the result away. */
  private static final class Inflated {
    private final Inflater inflater;
    private final HeaderBytes bytes;
    private final long most;
    private final byte[] scratch = new byte[1 << 13];

    Inflated(Inflater inflater, HeaderBytes bytes, long most) {
      this.inflater = inflater;
      this.bytes = bytes;
      this.most = most;
    }

    void add(byte[] data, int start, int length) throws RejectedImageException {
      inflater.setInput(data, start, length);
      try {
        while (inflater.inflate(scratch) > 0) {
          if (inflater.getBytesWritten() > most) {
            throw bytes.truncated("it has more than %,d bytes of pixels".formatted(most));
          }
        }
      } catch (DataFormatException e) {
        throw bytes.truncated("its compressed data makes no sense: " + e.getMessage());
      }
    }
  }
}
