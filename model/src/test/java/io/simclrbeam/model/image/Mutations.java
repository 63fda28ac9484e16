package io.simclrbeam.model.image;

import io.simclrbeam.model.random.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/** Damages image files in the ways that storage, transfer, bad programs and attackers do. */
final class Mutations {
  private static final int[] EXTREMES = {
    0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 60_000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF
  };

  /** The bytes of a header, which is at the start, but for TIFF. */
  private static final int HEADER = 80;

  private static final int TIFF_HEADER = 240;

  private Mutations() {}

  /** Part of a file, from its first byte to the one after its last. */
  private record Range(int from, int to) {}

  /** Returns a damaged copy. */
  static byte[] mutate(byte[] file, SeededRandom random) {
    byte[] mutated = file.clone();
    for (int steps = 1 + random.nextInt(3); steps > 0 && mutated.length > 0; steps--) {
      mutated =
          switch (random.nextInt(6)) {
            case 0, 1 -> flipBits(mutated, random);
            case 2 -> overwrite(mutated, random);
            case 3 -> setExtreme(mutated, random);
            case 4 -> changeChunks(mutated, random);
            default -> Arrays.copyOf(mutated, random.nextInt(mutated.length));
          };
    }
    // Damage that check sums do not give away gets further.
    return random.nextInt(2) == 0 ? mutated : repaired(mutated);
  }

  private static byte[] flipBits(byte[] file, SeededRandom random) {
    for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
      file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return file;
  }

  private static byte[] overwrite(byte[] file, SeededRandom random) {
    int from = random.nextInt(file.length);
    int to = Math.min(file.length, from + 1 + random.nextInt(64));
    boolean plain = random.nextInt(2) == 0;
    byte value = (byte) random.nextLong();
    for (int i = from; i < to; i++) {
      file[i] = plain ? value : (byte) random.nextLong();
    }
    return file;
  }

  private static byte[] setExtreme(byte[] file, SeededRandom random) {
    int bytes = 1 << random.nextInt(3);
    int start = headerStart(file);
    int header = Math.min(file.length - start, start == 0 ? HEADER : TIFF_HEADER);
    int at = random.nextInt(4) == 0 ? random.nextInt(file.length) : start + random.nextInt(header);
    ByteBuffer buffer = ByteBuffer.wrap(file);
    if (random.nextInt(2) == 0) {
      buffer.order(ByteOrder.LITTLE_ENDIAN);
    }
    int value = EXTREMES[random.nextInt(EXTREMES.length)];
    if (at + bytes <= file.length) {
      switch (bytes) {
        case 1 -> buffer.put(at, (byte) value);
        case 2 -> buffer.putShort(at, (short) value);
        default -> buffer.putInt(at, value);
      }
    }
    return file;
  }

  private static int headerStart(byte[] file) {
    if (ImageFormat.of(file).orElse(ImageFormat.BMP) != ImageFormat.TIFF || file.length < 16) {
      return 0;
    }
    ByteBuffer buffer = ByteBuffer.wrap(file);
    if (file[0] == 'I') {
      buffer.order(ByteOrder.LITTLE_ENDIAN);
    }
    boolean big = buffer.getShort(2) == 43;
    long start = big ? buffer.getLong(8) : buffer.getInt(4);
    return start < 0 || start >= file.length ? 0 : (int) start;
  }

  /** Repeats, removes or moves a part. */
  private static byte[] changeChunks(byte[] file, SeededRandom random) {
    List<Range> ranges = chunks(file);
    if (ranges.isEmpty() || random.nextInt(4) == 0) {
      int from = random.nextInt(file.length);
      ranges = List.of(new Range(from, from + random.nextInt(file.length - from) + 1));
    }
    Range range = ranges.get(random.nextInt(ranges.size()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int change = random.nextInt(3);
    out.write(file, 0, range.from);
    if (change == 0) {
      for (int copies = 2 + random.nextInt(4); copies > 0; copies--) {
        out.write(file, range.from, range.to - range.from);
      }
    }
    out.write(file, range.to, file.length - range.to);
    if (change == 1) {
      out.write(file, range.from, range.to - range.from);
    }
    return out.toByteArray();
  }

  /** The segments or chunks up to the first that is not whole; none in other formats. */
  private static List<Range> chunks(byte[] file) {
    List<Range> ranges = new ArrayList<>();
    ImageFormat format = ImageFormat.of(file).orElse(ImageFormat.BMP);
    HeaderBytes bytes = new HeaderBytes(format, file);
    try {
      if (format == ImageFormat.JPEG) {
        JpegSegments segments = new JpegSegments(bytes);
        while (segments.next()) {
          ranges.add(new Range(segments.start() - 4, segments.start() + segments.length()));
        }
      } else if (format == ImageFormat.PNG || format == ImageFormat.WEBP) {
        int sum = format == ImageFormat.PNG ? 4 : 0;
        Chunks chunks = Chunks.of(bytes);
        while (chunks.next()) {
          ranges.add(new Range(chunks.start() - 8, chunks.start() + chunks.length() + sum));
        }
      }
    } catch (RejectedImageException e) {
      return ranges; // what comes after is damaged already
    }
    return ranges;
  }

  /** Makes the check sums of a PNG and the length in a WebP fit again. */
  private static byte[] repaired(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file);
    ImageFormat format = ImageFormat.of(file).orElse(ImageFormat.BMP);
    if (format == ImageFormat.PNG) {
      for (Range chunk : chunks(file)) {
        CRC32 sum = new CRC32();
        sum.update(file, chunk.from + 4, chunk.to - chunk.from - 8);
        buffer.putInt(chunk.to - 4, (int) sum.getValue());
      }
    } else if (format == ImageFormat.WEBP) {
      buffer.order(ByteOrder.LITTLE_ENDIAN).putInt(4, file.length - 8);
    }
    return file;
  }
}
