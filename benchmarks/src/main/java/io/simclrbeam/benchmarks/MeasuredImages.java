package io.simclrbeam.benchmarks;

import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.sample.SampleImages;
import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Image files in memory to measure with, and their decoder. For one thread. */
public final class MeasuredImages {
  /** So many are as many as fit a heap of 2 GB when decoded, if they are photos. */
  private static final int MOST = 500;

  private final List<byte[]> files;
  private final ImageDecoder decoder = new ImageDecoder(ExifOrientation.IGNORE);

  private MeasuredImages(List<byte[]> files) {
    this.files = List.copyOf(files);
  }

  /**
   * Returns the first 500 files of a tar.
   *
   * @throws IOException if it cannot be read or has none
   */
  public static MeasuredImages ofTar(Path tar) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(tar));
        TarArchiveInputStream entries = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = entries.getNextEntry();
          entry != null && files.size() < MOST;
          entry = entries.getNextEntry()) {
        if (entry.isFile()) {
          files.add(entries.readAllBytes());
        }
      }
    }
    if (files.isEmpty()) {
      throw new IOException("there is no file in " + tar);
    }
    return new MeasuredImages(files);
  }

  /** Returns generated textures as JPEG of ImageIO's default quality. */
  public static MeasuredImages generated(int width, int height, int count) throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int kind = i % SampleImages.classNames().size();
      files.add(jpeg(SampleImages.draw(kind, i, Math.max(width, height), 0), width, height));
    }
    return new MeasuredImages(files);
  }

  /** Returns the top left part of a picture as JPEG. */
  private static byte[] jpeg(RgbImage picture, int width, int height) throws IOException {
    BufferedImage part = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    byte[] pixels = picture.pixels();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int p = (y * picture.width() + x) * 3;
        int rgb = (pixels[p] & 0xFF) << 16 | (pixels[p + 1] & 0xFF) << 8 | (pixels[p + 2] & 0xFF);
        part.setRGB(x, y, rgb);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(part, "jpeg", out);
    return out.toByteArray();
  }

  /** Returns how many there are. */
  public int count() {
    return files.size();
  }

  /**
   * Decodes one; it is valid until the next.
   *
   * @param index from 0, below {@link #count}
   */
  public RgbImage decode(int index) throws RejectedImageException {
    return decoder.decode(files.get(index));
  }

  /** Decodes all. */
  public List<RgbImage> decodeAll() throws RejectedImageException {
    List<RgbImage> pictures = new ArrayList<>();
    for (int i = 0; i < count(); i++) {
      pictures.add(decode(i).copy());
    }
    return pictures;
  }
}
