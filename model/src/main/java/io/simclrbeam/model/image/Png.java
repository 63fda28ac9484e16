package io.simclrbeam.model.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * Writes pictures as PNG files. The pixels are kept exactly; the JDK decides on the compression.
 */
public final class Png {
  private Png() {}

  /** Encodes a picture. */
  public static byte[] encode(RgbImage image) {
    return encode(toBuffered(image));
  }

  /** Encodes a picture of the JDK. */
  public static byte[] encode(BufferedImage image) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this JDK cannot write PNG images");
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing a PNG image to memory failed", e);
    }
  }

  /** Returns a copy that the JDK can draw. */
  public static BufferedImage toBuffered(RgbImage image) {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] pixels = image.pixels();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int red = pixels[3 * i] & 0xFF;
      int green = pixels[3 * i + 1] & 0xFF;
      int blue = pixels[3 * i + 2] & 0xFF;
      buffered.setRGB(i % image.width(), i / image.width(), (red << 16) | (green << 8) | blue);
    }
    return buffered;
  }
}
