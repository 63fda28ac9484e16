package io.simclrbeam.model.image;

import io.simclrbeam.model.image.TiffCoding.Route;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads the first page of TIFF files: strips and tiles, one plane or many, row by row. {@link
 * TiffLayout} says what is read, {@link TiffCoding} how, {@link TiffColors} to which colors. Not
 * thread-safe: its buffers are reused.
 *
 * <p>Integers become levels by their number of bits, signed ones of more than 8 bits from the
 * lowest number up. Floating-point numbers become levels by {@code SMinSampleValue} and {@code
 * SMaxSampleValue} if the file has both. Otherwise the picture's own numbers say whether black to
 * white is 0 to 1, 0 to 255, 0 to 65535, or from its least number to its greatest.
 */
final class TiffReader {
  private static final int LEAST = 340;
  private static final int GREATEST = 341;
  private static final int COMPRESSION = 259;
  private static final int T4_OPTIONS = 292;
  private static final int T6_OPTIONS = 293;
  private static final int JPEG_TABLES = 347;
  private static final short LONG = 4;

  private final PixelReader library;
  private final PixelBuffer unturned = new PixelBuffer();
  private final PixelBuffer ofPart = new PixelBuffer();
  private int[] samples = new int[0];
  private byte[] row = new byte[0];

  /**
   * Creates one.
   *
   * @param library for what it reads of a strip or tile as of a file
   */
  TiffReader(PixelReader library) {
    this.library = library;
  }

  /**
   * Reads a file.
   *
   * @param reduction of width and height
   * @param buffer where the pixels of the result will be
   * @throws RejectedImageException TRUNCATED, UNSUPPORTED_FORMAT or TOO_LARGE
   */
  RgbImage read(
      ImageHeader header, HeaderBytes bytes, byte[] encoded, int reduction, PixelBuffer buffer)
      throws RejectedImageException {
    TiffDirectory directory = new TiffDirectory(bytes);
    TiffLayout layout = new TiffLayout(directory, bytes);
    if (layout.coding.route() == Route.LIBRARY) {
      ImageDecoder.checkSize(layout.width, layout.height);
      return library.read(header, bytes, encoded, buffer);
    }
    Pass pass = new Pass(layout, directory, bytes, encoded);
    int orientation = directory.orientation();
    boolean turned = orientation > Orientation.UPRIGHT && orientation <= 8;
    BlockMeans means =
        new BlockMeans(
            layout.width,
            layout.height,
            reduction,
            layout.tiled ? layout.partHeight : 1,
            turned ? unturned : buffer);
    byte[] pixels = means.row();
    SampleColor color = TiffColors.of(layout, directory, bytes);
    Levels levels = levels(layout, directory, pass);
    pass.forEach(
        (columns, left, y) -> {
          levels.apply(samples, columns * layout.samples);
          int p = means.at(left, y);
          for (int x = 0; x < columns; x++) {
            int rgb = color.rgb(samples, x * layout.samples);
            pixels[p++] = (byte) (rgb >> 16);
            pixels[p++] = (byte) (rgb >> 8);
            pixels[p++] = (byte) rgb;
          }
          means.take(left, y, columns);
          boolean lowest = (y + 1) % layout.partHeight == 0 || y + 1 == layout.height;
          if (left + columns == layout.width && (lowest || !layout.tiled)) {
            means.complete(y + 1);
          }
        });
    RgbImage stored = means.image();
    return turned ? Orientation.turn(stored, orientation, buffer) : stored;
  }

  /** Makes levels from 0 to 255 of samples. */
  private interface Levels {
    void apply(int[] samples, int count);
  }

  private Levels levels(TiffLayout layout, TiffDirectory directory, Pass pass)
      throws RejectedImageException {
    int bits = Math.min(layout.bits, 32);
    if (layout.kind == TiffLayout.Kind.FLOAT) {
      return floatLevels(layout, directory, pass);
    }
    if (bits == 8 || layout.photometric == TiffLayout.PALETTE) {
      return (values, count) -> {};
    }
    if (bits < 8) {
      int most = (1 << bits) - 1;
      return (values, count) -> {
        for (int i = 0; i < count; i++) {
          values[i] = values[i] * 255 / most;
        }
      };
    }
    int middle = layout.kind == TiffLayout.Kind.SIGNED ? 0x80 : 0;
    return (values, count) -> {
      for (int i = 0; i < count; i++) {
        values[i] = (values[i] >>> (bits - 8)) ^ middle;
      }
    };
  }

  private Levels floatLevels(TiffLayout layout, TiffDirectory directory, Pass pass)
      throws RejectedImageException {
    float[] range = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    int least = directory.entry(LEAST);
    int greatest = directory.entry(GREATEST);
    if (directory.count(least) > 0 && directory.count(greatest) > 0) {
      range[0] = (float) directory.numberAt(least, 0);
      range[1] = (float) directory.numberAt(greatest, 0);
    } else {
      pass.forEach(
          (columns, left, y) -> {
            for (int i = 0; i < columns * layout.samples; i++) {
              float value = Float.intBitsToFloat(samples[i]);
              if (i % layout.samples < layout.colors() && Float.isFinite(value)) {
                range[0] = Math.min(range[0], value);
                range[1] = Math.max(range[1], value);
              }
            }
          });
      if (range[0] >= 0 && range[1] <= 65_535) {
        range[0] = 0;
        range[1] = range[1] <= 1 ? 1 : range[1] <= 255 ? 255 : 65_535;
      }
    }
    float start = range[0];
    float scale = range[1] > start ? 255 / (range[1] - start) : 0;
    return (values, count) -> {
      for (int i = 0; i < count; i++) {
        float level = (Float.intBitsToFloat(values[i]) - start) * scale;
        values[i] = Math.max(0, Math.min(255, Math.round(level))); // 0 if it is no number
      }
    };
  }

  private interface RowOfPart {
    /** Takes a number of pixels in {@code samples}, which belong in a row from a column on. */
    void take(int columns, int left, int y);
  }

  /** Goes through all rows of all strips or tiles. */
  private final class Pass {
    private final TiffLayout layout;
    private final TiffDirectory directory;
    private final HeaderBytes bytes;
    private final byte[] encoded;

    Pass(TiffLayout layout, TiffDirectory directory, HeaderBytes bytes, byte[] encoded) {
      this.layout = layout;
      this.directory = directory;
      this.bytes = bytes;
      this.encoded = encoded;
    }

    void forEach(RowOfPart each) throws RejectedImageException {
      int values = layout.partWidth * layout.samples;
      samples = samples.length < values ? new int[values] : samples;
      row = row.length < layout.rowBytes() ? new byte[(int) layout.rowBytes()] : row;
      int part = 0;
      for (int top = 0; top < layout.height; top += layout.partHeight) {
        for (int left = 0; left < layout.width; left += layout.partWidth) {
          try {
            readPart(part, top, left, each);
          } catch (IOException e) {
            throw bytes.truncated(
                "%s %,d: %s".formatted(layout.tiled ? "tile" : "strip", part + 1, e.getMessage()));
          }
          part++;
        }
      }
    }

    private void readPart(int part, int top, int left, RowOfPart each)
        throws IOException, RejectedImageException {
      int rows = Math.min(layout.partHeight, layout.height - top);
      int columns = Math.min(layout.partWidth, layout.width - left);
      int parts = layout.across() * layout.down();
      InputStream[] planes = new InputStream[layout.planes ? layout.needed() : 1];
      try {
        for (int i = 0; i < planes.length; i++) {
          planes[i] = open(part + i * parts, layout.rows(top));
        }
        for (int y = 0; y < rows; y += layout.sharedY) {
          for (int i = 0; i < planes.length; i++) {
            readRow(planes[i]);
            if (layout.sharedX == 1 && layout.sharedY == 1) {
              unpack(i);
            }
          }
          for (int shared = 0; shared < Math.min(layout.sharedY, rows - y); shared++) {
            if (layout.sharedX > 1 || layout.sharedY > 1) {
              unpackShared(shared, columns);
            }
            each.take(columns, left, top + y + shared);
          }
        }
      } finally {
        for (InputStream plane : planes) {
          if (plane != null) {
            plane.close();
          }
        }
      }
    }

    private void readRow(InputStream in) throws IOException {
      int length = (int) layout.rowBytes();
      if (in.readNBytes(row, 0, length) < length) {
        throw new IOException("it ends before its pixels");
      }
    }

    private InputStream open(int part, int rows) throws IOException, RejectedImageException {
      int from = layout.partStart(part);
      int length = layout.partLength(part);
      return switch (layout.coding.route()) {
        case BYTES ->
            layout.coding.decoded(
                layout.mirrored
                    ? TiffCoding.mirrored(encoded, from, length)
                    : new ByteArrayInputStream(encoded, from, length));
        case FAX -> fax(ByteBuffer.wrap(encoded, from, length), rows);
        case JPEG -> jpeg(from, length, rows);
        case WEBP -> webp(Arrays.copyOfRange(encoded, from, from + length), rows);
        case LIBRARY -> throw new AssertionError(layout.coding);
      };
    }

    /** Reads a file that has only this part, in one strip, and says that white is zero. */
    private InputStream fax(ByteBuffer part, int rows) throws RejectedImageException {
      int[][] tags = {
        {256, layout.partWidth},
        {257, rows},
        {258, 1},
        {COMPRESSION, (int) directory.value(COMPRESSION, 1)},
        {262, TiffLayout.WHITE_IS_ZERO},
        {266, layout.mirrored ? 2 : 1},
        {273, 0},
        {277, 1},
        {278, rows},
        {279, part.remaining()},
        {T4_OPTIONS, (int) directory.value(T4_OPTIONS, 0)},
        {T6_OPTIONS, (int) directory.value(T6_OPTIONS, 0)}
      };
      int start = 8 + 2 + 12 * tags.length + 4;
      ByteBuffer file =
          ByteBuffer.allocate(start + part.remaining()).order(ByteOrder.LITTLE_ENDIAN);
      file.putInt(0x002A4949).putInt(8).putShort((short) tags.length);
      for (int[] tag : tags) {
        file.putShort((short) tag[0]).putShort(LONG).putInt(1);
        file.putInt(tag[0] == 273 ? start : tag[1]);
      }
      file.position(start);
      RgbImage image =
          library.read(
              new ImageHeader(ImageFormat.TIFF, layout.partWidth, rows),
              new HeaderBytes(ImageFormat.TIFF, file.put(part).array()),
              file.array(),
              ofPart);
      checkSize(image.width(), image.height(), rows);
      int rowBytes = (int) layout.rowBytes();
      byte[] packed = new byte[rowBytes * rows];
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < layout.partWidth; x++) {
          if (image.pixels()[3 * (y * layout.partWidth + x)] == 0) {
            packed[y * rowBytes + (x >> 3)] |= (byte) (0x80 >> (x & 7));
          }
        }
      }
      return new ByteArrayInputStream(packed);
    }

    /** The tables that all parts use are in a tag of their own, as a JPEG without pixels. */
    private InputStream jpeg(int from, int length, int rows) throws RejectedImageException {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      file.write(0xFF);
      file.write(0xD8);
      int tables = directory.entry(JPEG_TABLES);
      if (directory.count(tables) > 4) {
        int start = directory.values(tables);
        bytes.uint8(start + directory.count(tables) - 1);
        file.write(encoded, start + 2, directory.count(tables) - 4);
      }
      if (length < 2) {
        throw bytes.truncated("a JPEG of %d bytes".formatted(length));
      }
      file.write(encoded, from + 2, length - 2);
      HeaderBytes jpeg = new HeaderBytes(ImageFormat.JPEG, file.toByteArray());
      JpegFrame frame = JpegFrame.of(jpeg);
      checkSize(frame.width(), frame.height(), rows);
      Raster raster = ImageIoReader.readSamples(PlainJpeg.of(jpeg, file.toByteArray()), jpeg);
      int bands = raster.getNumBands();
      if (bands != (layout.planes ? 1 : layout.samples)) {
        throw bytes.unsupported(
            "%d samples per pixel, with JPEG compression of %d".formatted(layout.samples, bands));
      }
      int rowBytes = (int) layout.rowBytes();
      byte[] samplesOfPart = new byte[rowBytes * rows];
      int[] values = new int[rowBytes];
      for (int y = 0; y < rows; y++) {
        raster.getPixels(0, y, layout.partWidth, 1, values);
        for (int i = 0; i < rowBytes; i++) {
          samplesOfPart[y * rowBytes + i] = (byte) values[i];
        }
      }
      return new ByteArrayInputStream(samplesOfPart);
    }

    private InputStream webp(byte[] file, int rows) throws RejectedImageException {
      HeaderBytes webp = new HeaderBytes(ImageFormat.WEBP, file);
      ImageHeader header = ImageHeader.of(file);
      checkSize(header.width(), header.height(), rows);
      RgbImage image = library.read(header, webp, file, ofPart);
      byte[] samplesOfPart = new byte[(int) layout.rowBytes() * rows];
      for (int i = 0; i < layout.partWidth * rows; i++) {
        System.arraycopy(image.pixels(), 3 * i, samplesOfPart, layout.samples * i, 3);
      }
      return new ByteArrayInputStream(samplesOfPart);
    }

    private void checkSize(int width, int height, int rows) throws RejectedImageException {
      boolean exact = layout.coding != TiffCoding.JPEG;
      if (exact
          ? width != layout.partWidth || height != rows
          : width < layout.partWidth || height < rows) {
        throw bytes.truncated(
            "%d x %d pixels for a part of %d x %d"
                .formatted(width, height, layout.partWidth, rows));
      }
      ImageDecoder.checkSize(width, height);
    }

    private void unpackShared(int sharedRow, int columns) {
      int block = layout.sharedX * layout.sharedY;
      for (int x = 0; x < columns; x++) {
        int at = x / layout.sharedX * (block + 2);
        samples[3 * x] = row[at + sharedRow * layout.sharedX + x % layout.sharedX] & 0xFF;
        samples[3 * x + 1] = row[at + block] & 0xFF;
        samples[3 * x + 2] = row[at + block + 1] & 0xFF;
      }
    }

    /** Reads the samples of a row, or every so many of them if it is the row of a plane. */
    private void unpack(int plane) {
      int step = layout.planes ? layout.samples : 1;
      int count = layout.partWidth * layout.samples / step;
      boolean little = directory.little();
      if (layout.predictor == 3) {
        row = withoutFloatPredictor(count, layout.samples / step);
        little = false;
      }
      int size = layout.bits / 8;
      for (int i = 0, to = plane; i < count; i++, to += step) {
        samples[to] =
            switch (layout.bits) {
              case 8 -> row[i] & 0xFF;
              case 16, 24, 32 -> (int) number(i * size, size, little);
              case 64 ->
                  layout.kind == TiffLayout.Kind.FLOAT
                      ? Float.floatToRawIntBits(
                          (float) Double.longBitsToDouble(number(i * 8, 8, little)))
                      : (int) (number(i * 8, 8, little) >>> 32);
              default -> bits((long) i * layout.bits, layout.bits);
            };
      }
      if (layout.predictor == 2) {
        int mask = -1 >>> (32 - layout.bits);
        int last = plane + (count - 1) * step;
        for (int i = plane + layout.samples; i <= last; i += step) {
          samples[i] = (samples[i] + samples[i - layout.samples]) & mask;
        }
      }
      if (layout.kind == TiffLayout.Kind.FLOAT && layout.bits < 32) {
        for (int i = 0, to = plane; i < count; i++, to += step) {
          samples[to] = Float.floatToRawIntBits(smallFloat(samples[to], layout.bits));
        }
      }
    }

    private long number(int at, int size, boolean little) {
      long number = 0;
      for (int i = 0; i < size; i++) {
        number = (number << 8) | (row[little ? at + size - 1 - i : at + i] & 0xFF);
      }
      return number;
    }

    private int bits(long from, int bits) {
      int value = 0;
      for (long bit = from; bit < from + bits; bit++) {
        value = (value << 1) | ((row[(int) (bit >> 3)] >> (7 - (bit & 7))) & 1);
      }
      return value;
    }

    /**
     * Adds up the bytes of a row, which lie by their place in a number, highest first (Adobe
     * Photoshop TIFF Technical Note 3).
     */
    private byte[] withoutFloatPredictor(int count, int step) {
      int size = layout.bits / 8;
      for (int i = step; i < count * size; i++) {
        row[i] += row[i - step];
      }
      byte[] numbers = new byte[row.length];
      for (int i = 0; i < count; i++) {
        for (int b = 0; b < size; b++) {
          numbers[i * size + b] = row[b * count + i];
        }
      }
      return numbers;
    }
  }

  /** Returns a number of 16 bits (5 of them the exponent) or of 24 bits (7). */
  private static float smallFloat(int bits, int size) {
    int exponentBits = size == 16 ? 5 : 7;
    int fractionBits = size - 1 - exponentBits;
    int bias = (1 << (exponentBits - 1)) - 1;
    int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
    int fraction = bits & ((1 << fractionBits) - 1);
    float sign = bits >> (size - 1) == 0 ? 1 : -1;
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
    }
    int whole = exponent == 0 ? 0 : 1 << fractionBits;
    return sign
        * Math.scalb((float) (whole + fraction), Math.max(1, exponent) - bias - fractionBits);
  }
}
