package io.simclrbeam.model.image;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads pixels with ImageIO, where there is no Leptonica: with the JDK's readers of JPEG and PNG,
 * and TwelveMonkeys' of WebP and TIFF.
 *
 * <p>A reader gets only the parts of a file that its pixels depend on, and only its samples are
 * used. So color profiles, alpha and metadata cannot change a color or fail. Whatever a reader
 * still warns of is damage, and the picture is rejected.
 */
final class ImageIoReader implements PixelReader {
  static final String LIBRARY = "ImageIO";

  /** Bytes that no scan needs: padding, or a lost scan if there are not all. */
  private static final Pattern PADDING =
      Pattern.compile("Corrupt JPEG data: \\d+ extraneous bytes before marker 0x[0-9a-f]+");

  private final PixelBuffer stored = new PixelBuffer();

  @Override
  public RgbImage read(ImageHeader header, HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    return switch (header.format()) {
      case JPEG -> readJpeg(bytes, encoded, buffer);
      case PNG -> readPng(PlainPng.of(header, bytes, encoded), bytes, buffer);
      case WEBP -> readWebp(header, bytes, encoded, buffer);
      case TIFF -> readTiff(bytes, encoded, buffer);
      default -> throw new AssertionError(header.format());
    };
  }

  /** Reads a JPEG, also one with bytes between its segments or scans that belong to none. */
  static RgbImage readJpeg(HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    PlainJpeg plain = PlainJpeg.of(bytes, encoded);
    return rgb(readSamples(plain, bytes), plain.coding(), buffer);
  }

  /** Reads the samples of a JPEG, each color in the size of the picture. */
  static Raster readSamples(PlainJpeg plain, HeaderBytes bytes) throws RejectedImageException {
    return read(
        jdkReader("jpeg"),
        new ByteArrayImageInputStream(plain.file()),
        bytes,
        warning -> plain.complete() && PADDING.matcher(warning).matches(),
        reader -> {
          // Of a picture that must be reduced some pixels are taken, and the others are left out.
          ImageReadParam param = reader.getDefaultReadParam();
          int reduction = JpegFrame.of(bytes).reduction();
          param.setSourceSubsampling(reduction, reduction, 0, 0);
          return reader.readRaster(0, reduction == 1 ? null : param);
        });
  }

  private static RgbImage readWebp(
      ImageHeader header, HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    PlainWebp plain = PlainWebp.of(bytes, encoded);
    WebpStream stream = new WebpStream(plain.file(), 0);
    BufferedImage image = decodeWebp(stream, bytes);
    if (image.getWidth() != header.width() || image.getHeight() != header.height()) {
      throw bytes.truncated("its frame is not as large as its header says");
    }
    if (plain.lossless()
        ? usesMore(plain, stream, image, bytes)
        : stream.position() > plain.end() + 1) {
      throw bytes.truncated("its data ends before its pixels");
    }
    return rgb(image, bytes, buffer);
  }

  /**
   * Returns whether a lossless picture depends on bytes after its end. Its decoder's stream is then
   * beyond the end or, if it used less than a byte there, at the end; there it may be rightly, too,
   * but if it is not, then other bytes make another picture.
   */
  private static boolean usesMore(
      PlainWebp plain, WebpStream stream, BufferedImage image, HeaderBytes bytes)
      throws RejectedImageException {
    if (stream.position() != plain.end()) {
      return stream.position() > plain.end();
    }
    Raster other = decodeWebp(new WebpStream(plain.file(), 0xFF), bytes).getRaster();
    return !Arrays.equals(samples(image.getRaster()), samples(other));
  }

  private static int[] samples(Raster raster) {
    return raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
  }

  private static BufferedImage decodeWebp(WebpStream stream, HeaderBytes bytes)
      throws RejectedImageException {
    return read(create(new WebPImageReaderSpi()), stream, bytes);
  }

  private RgbImage readTiff(HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    BufferedImage image =
        read(create(new TIFFImageReaderSpi()), new ByteArrayImageInputStream(encoded), bytes);
    int orientation = new TiffDirectory(bytes).orientation();
    return orientation <= Orientation.UPRIGHT
        ? rgb(image, bytes, buffer)
        : Orientation.turn(rgb(image, bytes, stored), orientation, buffer);
  }

  private static RgbImage readPng(byte[] plain, HeaderBytes bytes, PixelBuffer buffer)
      throws RejectedImageException {
    return rgb(read(jdkReader("png"), new ByteArrayImageInputStream(plain), bytes), bytes, buffer);
  }

  private interface Read<T> {
    T from(ImageReader reader) throws IOException, RejectedImageException;
  }

  private static BufferedImage read(ImageReader reader, ImageInputStream in, HeaderBytes bytes)
      throws RejectedImageException {
    return read(reader, in, bytes, warning -> false, first -> first.read(0));
  }

  private static <T> T read(
      ImageReader reader,
      ImageInputStream in,
      HeaderBytes bytes,
      Predicate<String> harmless,
      Read<T> read)
      throws RejectedImageException {
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener(
        (source, warning) -> {
          if (!harmless.test(warning)) {
            warnings.add(warning);
          }
        });
    try (in) {
      reader.setInput(in, true, true);
      T result = read.from(reader);
      if (!warnings.isEmpty()) {
        throw bytes.truncated(warnings.get(0));
      }
      return result;
    } catch (IOException | RuntimeException e) {
      // Readers run into all kinds of exceptions where data makes no sense.
      throw bytes.truncated(e.toString());
    } finally {
      reader.dispose();
    }
  }

  /** Returns the JDK's own reader of a format. Plug-ins may have put others before it. */
  private static ImageReader jdkReader(String format) {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                ImageReaderSpi.class,
                provider ->
                    provider instanceof ImageReaderSpi spi
                        && spi.getPluginClassName().startsWith("com.sun.imageio.")
                        && List.of(spi.getFormatNames()).contains(format),
                true);
    if (!providers.hasNext()) {
      throw new IllegalStateException("this JDK cannot read " + format + " images");
    }
    return create(providers.next());
  }

  private static ImageReader create(ImageReaderSpi provider) {
    try {
      return provider.createReaderInstance();
    } catch (IOException e) {
      throw new IllegalStateException("ImageIO's " + provider + " makes no reader", e);
    }
  }

  private static RgbImage rgb(BufferedImage image, HeaderBytes bytes, PixelBuffer buffer)
      throws RejectedImageException {
    checkSamples(image.getRaster(), bytes);
    return rgb(image.getRaster(), SampleColor.of(image.getColorModel()), buffer);
  }

  private static void checkSamples(Raster samples, HeaderBytes bytes)
      throws RejectedImageException {
    int type = samples.getSampleModel().getDataType();
    for (int size : samples.getSampleModel().getSampleSize()) {
      if (size > 16 || type == DataBuffer.TYPE_SHORT) {
        throw bytes.unsupported("%d bits per sample".formatted(size));
      }
    }
  }

  private static RgbImage rgb(Raster samples, SampleColor color, PixelBuffer buffer) {
    int width = samples.getWidth();
    int height = samples.getHeight();
    int bands = samples.getNumBands();
    byte[] pixels = buffer.forSize(width, height);
    int[] row = new int[width * bands];
    int p = 0;
    for (int y = 0; y < height; y++) {
      samples.getPixels(samples.getMinX(), samples.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int rgb = color.rgb(row, x * bands);
        pixels[p++] = (byte) (rgb >> 16);
        pixels[p++] = (byte) (rgb >> 8);
        pixels[p++] = (byte) rgb;
      }
    }
    return new RgbImage(width, height, pixels);
  }
}
