package io.simclrbeam.transforms;

import io.simclrbeam.model.random.SeededRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Small pictures and the files that hold them. */
public final class TestImages {
  private TestImages() {}

  /** Returns a PNG of random blocks; a function of its number. */
  public static byte[] png(long number) throws IOException {
    SeededRandom random = SeededRandom.of(number);
    BufferedImage image = new BufferedImage(20, 16, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 20; x++) {
        image.setRGB(
            x, y, (int) SeededRandom.of(number, x / 5, y / 4).nextLong() ^ random.nextInt(16));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** Writes {@code class-C/image-NNN.png} for so many images in three classes. */
  public static void writeFolder(Path folder, int images) throws IOException {
    for (Map.Entry<String, byte[]> file : files(images).entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  /** Writes the same files as entries of a tar shard. */
  public static void writeTar(Path tar, int images) throws IOException {
    try (OutputStream out = Files.newOutputStream(tar);
        TarArchiveOutputStream entries = new TarArchiveOutputStream(out)) {
      entries.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Map.Entry<String, byte[]> file : files(images).entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        entries.putArchiveEntry(entry);
        entries.write(file.getValue());
        entries.closeArchiveEntry();
      }
    }
  }

  private static Map<String, byte[]> files(int images) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < images; i++) {
      files.put("class-%d/image-%03d.png".formatted(i % 3, i), png(i));
    }
    return files;
  }
}
