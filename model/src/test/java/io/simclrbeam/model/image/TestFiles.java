package io.simclrbeam.model.image;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.random.SeededRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import javax.imageio.ImageIO;

/** Image files for tests. */
final class TestFiles {
  /** One of each kind; beside each, with {@code .png} after its name, are its pixels. */
  static final List<String> NAMES =
      List.of(
          "baseline.jpg",
          "progressive.jpg",
          "gray.jpg",
          "cmyk.jpg",
          "orientation.jpg",
          "lossy.webp",
          "alpha.webp",
          "alpha.png",
          "gray_alpha.png",
          "palette_alpha.png",
          "gray16.png",
          "lzw.tif",
          "alpha.tif",
          "cmyk.tif",
          "gray16.tif",
          "bilevel.tif",
          "orientation.tif",
          "palette.gif",
          "animated.gif",
          "alpha.bmp",
          "bilevel.bmp");

  private TestFiles() {}

  /** Reads a file of the test resources. */
  static byte[] golden(String name) throws IOException {
    return resource("/golden/decode/" + name);
  }

  /** Reads a file that {@link ConformanceTest} reads. */
  static byte[] conformance(String name) throws IOException {
    return resource("/conformance/" + name);
  }

  private static byte[] resource(String path) throws IOException {
    try (InputStream stream = TestFiles.class.getResourceAsStream(path)) {
      return requireNonNull(stream, path).readAllBytes();
    }
  }

  /** Returns the pixels of a file of {@link #NAMES} as PIL reads them. */
  static BufferedImage expected(String name) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(golden(name + ".png")));
  }

  /** Draws noise. */
  static BufferedImage picture(int width, int height, int type) {
    SeededRandom random = SeededRandom.of(width, height, type);
    BufferedImage picture = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, (int) random.nextLong());
      }
    }
    return picture;
  }

  /** Encodes a picture with ImageIO. */
  static byte[] encode(BufferedImage picture, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(picture, format, out)).isTrue();
    return out.toByteArray();
  }

  /** Returns the pixels of a picture as uint8 RGB {@code [height, width, 3]}. */
  static byte[] rgb(BufferedImage picture) {
    byte[] pixels = new byte[3 * picture.getWidth() * picture.getHeight()];
    int p = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int color = picture.getRGB(x, y);
        pixels[p++] = (byte) (color >> 16);
        pixels[p++] = (byte) (color >> 8);
        pixels[p++] = (byte) color;
      }
    }
    return pixels;
  }
}
