package io.simclrbeam.model.image;

import java.io.IOException;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * The bytes of a WebP, and a few others after them. TwelveMonkeys' bit readers read ahead of what
 * they use, and invent bits after the end of a file. Here they get a few bytes, and fail if they
 * ask for more.
 */
final class WebpStream extends ImageInputStreamImpl {
  /** Bytes that the readers can ask for ahead, and a few more. */
  private static final int MARGIN = 24;

  private final byte[] file;
  private final int filler;

  /**
   * Opens a file.
   *
   * @param filler the value of the bytes after its end
   */
  WebpStream(byte[] file, int filler) {
    this.file = file;
    this.filler = filler;
  }

  /** Returns where the next byte is read from, also of a closed stream. */
  long position() {
    return streamPos;
  }

  @Override
  public int read() throws IOException {
    bitOffset = 0;
    if (streamPos >= file.length + MARGIN) {
      throw new IIOException("it is read far beyond its end");
    }
    int value = streamPos < file.length ? file[(int) streamPos] & 0xFF : filler;
    streamPos++;
    return value;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    for (int i = 0; i < length; i++) {
      to[offset + i] = (byte) read();
    }
    return length;
  }

  @Override
  public long length() {
    return file.length;
  }
}
