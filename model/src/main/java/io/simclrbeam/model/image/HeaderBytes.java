package io.simclrbeam.model.image;

/** The bytes of a file, read at any place with a check that they are there. */
final class HeaderBytes {
  private final ImageFormat format;
  private final byte[] bytes;

  HeaderBytes(ImageFormat format, byte[] bytes) {
    this.format = format;
    this.bytes = bytes;
  }

  int length() {
    return bytes.length;
  }

  int uint8(int at) throws RejectedImageException {
    if (at < 0 || at >= bytes.length) {
      throw truncated("byte %d is missing".formatted(Integer.toUnsignedLong(at)));
    }
    return bytes[at] & 0xFF;
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

  RejectedImageException truncated(String detail) {
    return new RejectedImageException(
        RejectReason.TRUNCATED,
        "%s of %,d bytes, cut short or corrupt: %s".formatted(format, bytes.length, detail));
  }

  RejectedImageException unsupported(String detail) {
    return new RejectedImageException(
        RejectReason.UNSUPPORTED_FORMAT, "%s that is not read: %s".formatted(format, detail));
  }
}
