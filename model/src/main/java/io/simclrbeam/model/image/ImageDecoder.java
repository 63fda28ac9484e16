package io.simclrbeam.model.image;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the bytes of a JPEG, PNG, WebP, TIFF, GIF or BMP file into 8-bit RGB.
 *
 * <pre>{@code
 * ImageDecoder decoder = new ImageDecoder(ExifOrientation.APPLY);
 * try {
 *   RgbImage image = decoder.decode(Files.readAllBytes(Path.of("photo.jpg")));
 *   System.out.println(image.width() + " x " + image.height());
 * } catch (RejectedImageException e) {
 *   System.out.println(e.reason().code() + ": " + e.getMessage());
 * }
 * }</pre>
 *
 * <p>The pixels of a JPEG are those that PIL's {@code convert("RGB")} gives. Gray, CMYK and
 * palettes become RGB. Color profiles are ignored. Of 16 bits the upper 8 are kept. Alpha is
 * dropped, whatever it hid, but colors that were multiplied by it are divided again. Of several
 * frames or pages the first is read, an animation's on its canvas. The EXIF orientation of a JPEG,
 * PNG or WebP is ignored unless asked for, and the orientation tag of a TIFF is always obeyed, as
 * PIL (9.4) and so torchvision do.
 *
 * <p>A picture of more than {@link #MAX_PIXELS} is reduced while it is decoded, so that none ever
 * has more. WebP, GIF, interlaced PNG, and BMP and TIFF in old or rare codings cannot be.
 *
 * <p>Pixels are read by the Leptonica library or, where there is none for the platform, by ImageIO.
 * Not thread-safe, as it reuses its buffers: use one per thread.
 */
public final class ImageDecoder {
  /**
   * A picture has no more pixels than this, which are 300 MB as RGB. One of more is decoded at a
   * half, a quarter or an eighth of its scale, if it can be, and rejected if not.
   */
  public static final int MAX_PIXELS = 100_000_000;

  /**
   * Rises when images are read that were rejected before. Rejects of an earlier version are not
   * taken for known.
   */
  public static final int VERSION = 1;

  /** A picture of more pixels than this is rejected, unless another limit is given. */
  public static final long MAX_STORED_PIXELS = 500_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(ImageDecoder.class);

  private static final boolean HAS_LEPTONICA = LeptonicaReader.canBeLoaded();

  static {
    if (!HAS_LEPTONICA) {
      LOG.warn("Images are decoded with {}.", library());
    }
  }

  private final ExifOrientation exifOrientation;
  private final long maxPixels;
  private final PixelReader library;
  private final TiffReader tiff;
  private final GifReader gif = new GifReader();
  private final BmpReader bmp = new BmpReader();
  private final PixelBuffer buffer = new PixelBuffer();
  private final PixelBuffer turned = new PixelBuffer();

  /**
   * Creates one with the library that there is.
   *
   * @param exifOrientation whether pictures are turned as their EXIF block says
   */
  public ImageDecoder(ExifOrientation exifOrientation) {
    this(exifOrientation, MAX_STORED_PIXELS);
  }

  /**
   * Creates one with the library that there is, and a limit.
   *
   * @param exifOrientation whether pictures are turned as their EXIF block says
   * @param maxPixels a picture of more pixels is rejected, at least 1
   */
  public ImageDecoder(ExifOrientation exifOrientation, long maxPixels) {
    this(exifOrientation, maxPixels, HAS_LEPTONICA ? new LeptonicaReader() : new ImageIoReader());
  }

  ImageDecoder(ExifOrientation exifOrientation, long maxPixels, PixelReader library) {
    this.exifOrientation = exifOrientation;
    this.maxPixels = maxPixels;
    this.library = library;
    tiff = new TiffReader(library);
  }

  /** Returns the name of the library in use, and the reason if it is not the usual one. */
  public static String library() {
    return HAS_LEPTONICA
        ? LeptonicaReader.library()
        : "%s, which is slower, as Leptonica cannot be loaded on %s %s"
            .formatted(
                ImageIoReader.LIBRARY,
                System.getProperty("os.name"),
                System.getProperty("os.arch"));
  }

  /**
   * Decodes a picture.
   *
   * @param encoded the whole file
   * @return uint8 RGB {@code [height, width, 3]}. The next call may overwrite its pixels; {@link
   *     RgbImage#copy} keeps them
   * @throws RejectedImageException EMPTY; NOT_AN_IMAGE if no known format starts like this;
   *     UNSUPPORTED_FORMAT; TOO_LARGE above the limits; TRUNCATED if the data ends early, or is
   *     found to be corrupt
   */
  public RgbImage decode(byte[] encoded) throws RejectedImageException {
    ImageHeader header = ImageHeader.of(encoded);
    checkSize(
        header.width(),
        header.height(),
        isReducible(header.format()) ? maxPixels : Math.min(maxPixels, MAX_PIXELS));
    int reduction = BlockMeans.reduction(header.width(), header.height());
    HeaderBytes bytes = new HeaderBytes(header.format(), encoded);
    checkWhole(bytes);
    RgbImage stored =
        switch (header.format()) {
          case JPEG -> library.read(header, bytes, encoded, buffer);
          case PNG ->
              reduction > 1
                  ? PngReader.read(header, bytes, encoded, reduction, buffer)
                  : library.read(header, bytes, encoded, buffer);
          case WEBP ->
              WebpAnimation.is(bytes)
                  ? WebpAnimation.firstFrame(bytes, encoded).read(header, library, turned, buffer)
                  : library.read(header, bytes, encoded, buffer);
          case TIFF -> tiff.read(header, bytes, encoded, reduction, buffer);
          case GIF -> gif.read(bytes, buffer);
          case BMP -> bmp.read(bytes, encoded, reduction, buffer);
          default -> throw new AssertionError(header.format());
        };
    return exifOrientation == ExifOrientation.APPLY
        ? Orientation.turn(stored, Exif.orientation(bytes), turned)
        : stored;
  }

  /** Returns whether pictures of a format, or most of them, can be reduced while they are read. */
  private static boolean isReducible(ImageFormat format) {
    return switch (format) {
      case JPEG, PNG, BMP, TIFF -> true;
      default -> false;
    };
  }

  /** Checks that a picture, or a part of one, may be held in memory. */
  static void checkSize(long width, long height) throws RejectedImageException {
    checkSize(width, height, MAX_PIXELS);
  }

  private static void checkSize(long width, long height, long most) throws RejectedImageException {
    if (width > most || height > most || width * height > most) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE, "%d x %d is more than %,d pixels".formatted(width, height, most));
    }
  }

  /** Finds files that end early, without decoding: the libraries overlook some of them. */
  private static void checkWhole(HeaderBytes bytes) throws RejectedImageException {
    switch (bytes.format()) {
      case JPEG -> {
        JpegFrame frame = JpegFrame.of(bytes);
        frame.checkMemory();
        frame.checkEnd(bytes);
      }
      case PNG, WEBP -> Chunks.of(bytes).checkAll();
      default -> {} // the readers notice it
    }
  }
}
