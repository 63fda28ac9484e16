package io.simclrbeam.model.image;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads pixels with ImageIO: the JDK's readers of JPEG, PNG, GIF and BMP, TwelveMonkeys' of WebP
 * and TIFF. For where there is no Leptonica.
 *
 * <p>A reader gets no more of a file than the pixels depend on, and only its samples are taken: so
 * colour profiles, alpha and metadata neither change a colour nor fail, and whatever a reader still
 * warns of is damage to the picture, which is rejected.
 */
final class ImageIoReader implements PixelReader {
  static final String LIBRARY = "ImageIO";

  private static final int CMYK = 5;

  private final PixelBuffer stored = new PixelBuffer();

  @Override
  public RgbImage read(ImageHeader header, HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    return switch (header.format()) {
      case JPEG -> readJpeg(bytes, encoded, buffer);
      case PNG -> rgb(decode("png", plainPng(bytes, encoded), bytes), bytes, buffer);
      case WEBP -> readWebp(header, bytes, encoded, buffer);
      case TIFF -> readTiff(bytes, encoded, buffer);
      case GIF -> readGif(bytes, encoded, buffer);
      case BMP -> rgb(decode("bmp", encoded, bytes), bytes, buffer);
      case HEIF, JPEG_2000, JPEG_XL -> throw new AssertionError(header.format());
    };
  }

  private static RgbImage readJpeg(HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    PlainJpeg plain = PlainJpeg.of(bytes, encoded);
    Raster samples =
        read(jdkReader("jpeg"), plain.file(), bytes, reader -> reader.readRaster(0, null));
    return rgb(samples, plain.coding(), buffer);
  }

  /**
   * Keeps the chunks that make up the colours, and checks their check sums, as the JDK does not.
   */
  private static byte[] plainPng(HeaderBytes bytes, byte[] encoded) throws RejectedImageException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream(encoded.length);
    plain.write(encoded, 0, 8);
    Chunks chunks = Chunks.of(bytes);
    while (chunks.next()) {
      if (chunks.is("IHDR") || chunks.is("PLTE") || chunks.is("IDAT") || chunks.is("IEND")) {
        CRC32 sum = new CRC32();
        sum.update(encoded, chunks.start() - 4, 4 + chunks.length());
        if ((int) sum.getValue() != bytes.int32Big(chunks.start() + chunks.length())) {
          throw bytes.truncated("a check sum does not fit");
        }
        plain.write(encoded, chunks.start() - 8, 12 + chunks.length());
      }
    }
    return plain.toByteArray();
  }

  /** Leaves a file of nothing but the colours. */
  private static RgbImage readWebp(
      ImageHeader header, HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    Chunks chunks = Chunks.of(bytes);
    do {
      if (!chunks.next()) {
        throw bytes.truncated("it has no pixels");
      }
    } while (!chunks.is("VP8 ") && !chunks.is("VP8L"));
    int length = 8 + chunks.length() + (chunks.length() & 1);
    ByteBuffer plain = ByteBuffer.allocate(12 + length).order(ByteOrder.LITTLE_ENDIAN);
    plain.put(encoded, 0, 4).putInt(4 + length).put(encoded, 8, 4);
    plain.put(encoded, chunks.start() - 8, 8 + chunks.length());
    ImageReader reader = create(new WebPImageReaderSpi());
    BufferedImage image = read(reader, plain.array(), bytes, webp -> webp.read(0));
    if (image.getWidth() != header.width() || image.getHeight() != header.height()) {
      throw bytes.truncated("its frame is not as large as its header says");
    }
    return rgb(image, bytes, buffer);
  }

  private RgbImage readTiff(HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    TiffDirectory directory = new TiffDirectory(bytes);
    byte[] plain = encoded.clone();
    directory.ignoreColorProfile(ByteBuffer.wrap(plain));
    BufferedImage image =
        read(create(new TIFFImageReaderSpi()), plain, bytes, reader -> reader.read(0));
    SampleColor color =
        directory.photometric() == CMYK
            ? (samples, at) ->
                SampleColor.cmyk(samples[at], samples[at + 1], samples[at + 2], samples[at + 3])
            : SampleColor.of(image.getColorModel());
    checkSamples(image.getRaster(), bytes);
    int orientation = directory.orientation();
    return orientation <= Orientation.UPRIGHT
        ? rgb(image.getRaster(), color, buffer)
        : Orientation.turn(rgb(image.getRaster(), color, stored), orientation, buffer);
  }

  /** The JDK ends a picture without a word where its data does; so its rows are counted. */
  private static RgbImage readGif(HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    ImageReader reader = jdkReader("gif");
    DecodedShare share = new DecodedShare();
    reader.addIIOReadProgressListener(share);
    BufferedImage image = read(reader, encoded, bytes, gif -> gif.read(0));
    if (share.percent() < 100) {
      throw bytes.truncated("only %.0f %% of its pixels are there".formatted(share.percent()));
    }
    return rgb(image, bytes, buffer);
  }

  private static BufferedImage decode(String format, byte[] file, HeaderBytes bytes)
      throws RejectedImageException {
    return read(jdkReader(format), file, bytes, reader -> reader.read(0));
  }

  private interface Read<T> {
    T from(ImageReader reader) throws IOException;
  }

  private static <T> T read(ImageReader reader, byte[] file, HeaderBytes bytes, Read<T> read)
      throws RejectedImageException {
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    try (ImageInputStream in = new ByteArrayImageInputStream(file)) {
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

  /** The JDK's reader of a format, before which any plug-in could have put its own. */
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
