package io.simclrbeam.model.image;

import java.util.Objects;

/** The bytes of a file, or of a part of one, read at any place with a check that they are there. */
final class HeaderBytes {
  private final ImageFormat format;
  private final byte[] bytes;
  private final int from;
  private final int length;

  HeaderBytes(ImageFormat format, byte[] bytes) {
    this(format, bytes, 0, bytes.length);
  }

  HeaderBytes(ImageFormat format, byte[] bytes, int from, int length) {
    Objects.checkFromIndexSize(from, length, bytes.length);
    this.format = format;
    this.bytes = bytes;
    this.from = from;
    this.length = length;
  }

  ImageFormat format() {
    return format;
  }

  int length() {
    return length;
  }

  /** Returns a part of these bytes, to be read as another format. */
  HeaderBytes part(ImageFormat partFormat, int start, int partLength) {
    Objects.checkFromIndexSize(start, partLength, length);
    return new HeaderBytes(partFormat, bytes, from + start, partLength);
  }

  int uint8(int at) throws RejectedImageException {
    if (at < 0 || at >= length) {
      throw truncated("byte %d is missing".formatted(Integer.toUnsignedLong(at)));
    }
    return bytes[from + at] & 0xFF;
  }

  int uint16Big(int at) throws RejectedImageException {
    return (uint8(at) << 8) | uint8(at + 1);
  }

  int uint16Little(int at) throws RejectedImageException {
    return uint8(at) | (uint8(at + 1) << 8);
  }

  int int32Big(int at) throws RejectedImageException {
    return (uint16Big(at) << 16) | uint16Big(at + 2);
  }

  int int32Little(int at) throws RejectedImageException {
    return uint16Little(at) | (uint16Little(at + 2) << 16);
  }

  /** Returns whether the bytes from {@code at} on are those of an ASCII text. */
  boolean has(int at, String text) {
    if (at < 0 || at > length - text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (bytes[from + at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  RejectedImageException truncated(String detail) {
    return new RejectedImageException(
        RejectReason.TRUNCATED,
        "%s of %,d bytes, cut short or corrupt: %s".formatted(format.label(), length, detail));
  }

  RejectedImageException unsupported(String detail) {
    return new RejectedImageException(
        RejectReason.UNSUPPORTED_FORMAT,
        "%s that is not read: %s".formatted(format.label(), detail));
  }
}
