package io.simclrbeam.model.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The formats in which pictures are written. */
public enum PictureFile {
  /** Keeps the pixels exactly. */
  PNG("png") {
    @Override
    public byte[] encode(RgbImage image) {
      return Png.encode(image);
    }
  },

  /** Takes about a tenth of the room, with changes that are hard to see. */
  JPEG("jpe?g") {
    @Override
    public byte[] encode(RgbImage image) {
      return jpeg(image, JPEG_QUALITY);
    }
  };

  private static final float JPEG_QUALITY = 0.9f;

  private final String ending;

  PictureFile(String ending) {
    this.ending = ending;
  }

  /**
   * Returns the format that the end of a file's name asks for, in any case.
   *
   * @throws IllegalArgumentException if it asks for none of them
   */
  public static PictureFile of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (PictureFile format : values()) {
      if (lower.matches("(?s).*\\." + format.ending)) {
        return format;
      }
    }
    throw new IllegalArgumentException(
        "%s is no name of a picture that can be written; it must end in .png, .jpg or .jpeg"
            .formatted(name));
  }

  /** Encodes a picture. */
  public abstract byte[] encode(RgbImage image);

  /**
   * Encodes a picture as JPEG.
   *
   * @param quality above 0, where little is kept, to 1
   */
  public static byte[] jpeg(RgbImage image, float quality) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.write(null, new IIOImage(Png.toBuffered(image), null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException("writing a JPEG image to memory failed", e);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }
}
