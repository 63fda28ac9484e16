package io.simclrbeam.model.image;

import java.util.Arrays;

/**
 * The first frame of an animated WebP (RFC 9649, section 2.7.1.1).
 *
 * @param left column of the canvas where it starts
 * @param top row of the canvas where it starts
 * @param file the frame as a file of its own
 */
record WebpAnimation(int left, int top, byte[] file) {
  private static final int FLAGS = 20;
  private static final int ANIMATION = 2;
  private static final int FRAME_HEADER = 16;

  /** Returns whether a file is an animation. */
  static boolean is(HeaderBytes bytes) throws RejectedImageException {
    return bytes.has(12, "VP8X") && (bytes.uint8(FLAGS) & ANIMATION) != 0;
  }

  /**
   * Finds it.
   *
   * @throws RejectedImageException TRUNCATED if there is none
   */
  static WebpAnimation firstFrame(HeaderBytes bytes, byte[] encoded) throws RejectedImageException {
    Chunks chunks = Chunks.of(bytes);
    do {
      if (!chunks.next()) {
        throw bytes.truncated("it has no frame");
      }
    } while (!chunks.is("ANMF"));
    int start = chunks.start();
    Chunks ofFrame = Chunks.within(bytes, start + FRAME_HEADER, start + chunks.length());
    return new WebpAnimation(
        2 * (bytes.int32Little(start) & 0xFFFFFF),
        2 * (bytes.int32Little(start + 3) & 0xFFFFFF),
        PlainWebp.of(ofFrame, bytes, encoded).file());
  }

  /**
   * Reads it, on its canvas, which is black where the frame leaves it free.
   *
   * @param header of the whole file
   * @param ofFrame where the frame's pixels will be
   * @param buffer where the pixels of the result will be
   * @throws RejectedImageException TRUNCATED if the frame is not whole, or not within the canvas
   */
  RgbImage read(ImageHeader header, PixelReader library, PixelBuffer ofFrame, PixelBuffer buffer)
      throws RejectedImageException {
    HeaderBytes bytes = new HeaderBytes(ImageFormat.WEBP, file);
    ImageHeader own = ImageHeader.of(file);
    if (left > header.width() - own.width() || top > header.height() - own.height()) {
      throw bytes.truncated(
          "a frame of %d x %d pixels at (%d, %d) of %d x %d"
              .formatted(own.width(), own.height(), left, top, header.width(), header.height()));
    }
    RgbImage frame = library.read(own, bytes, file, ofFrame);
    byte[] pixels = buffer.forSize(header.width(), header.height());
    Arrays.fill(pixels, 0, 3 * header.width() * header.height(), (byte) 0);
    for (int y = 0; y < frame.height(); y++) {
      int to = 3 * ((top + y) * header.width() + left);
      System.arraycopy(frame.pixels(), 3 * y * frame.width(), pixels, to, 3 * frame.width());
    }
    return new RgbImage(header.width(), header.height(), pixels);
  }
}
