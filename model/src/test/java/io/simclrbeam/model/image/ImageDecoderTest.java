package io.simclrbeam.model.image;

import static io.simclrbeam.model.image.TestFiles.encode;
import static io.simclrbeam.model.image.TestFiles.expected;
import static io.simclrbeam.model.image.TestFiles.golden;
import static io.simclrbeam.model.image.TestFiles.picture;
import static io.simclrbeam.model.image.TestFiles.rgb;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.simclrbeam.model.Allocation;
import io.simclrbeam.model.random.SeededRandom;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Library.class)
class ImageDecoderTest {
  /**
   * Levels that a lossy WebP differs from PIL's on average: TwelveMonkeys takes the nearest color,
   * libwebp interpolates between the four around.
   */
  private static final double LOSSY_WEBP = 6;

  private final Library library;
  private final ImageDecoder decoder;

  ImageDecoderTest(Library library) {
    this.library = library;
    decoder = library.decoder();
  }

  private byte[] pixels(byte[] encoded) throws RejectedImageException {
    return decoder.decode(encoded).copy().pixels();
  }

  private void assertRejected(byte[] encoded, RejectReason reason) {
    assertThatThrownBy(() -> decoder.decode(encoded))
        .asInstanceOf(type(RejectedImageException.class))
        .extracting(RejectedImageException::reason)
        .isEqualTo(reason);
  }

  private static List<String> names() {
    return TestFiles.NAMES;
  }

  /** The pictures beside these were read by PIL, but for 16-bit gray, which PIL cuts off at 255. */
  @ParameterizedTest
  @MethodSource("names")
  void readsWhatPilReads(String name) throws Exception {
    BufferedImage expected = expected(name);
    RgbImage decoded = decoder.decode(golden(name)).copy();
    assertThat(decoded.width()).isEqualTo(expected.getWidth());
    assertThat(decoded.height()).isEqualTo(expected.getHeight());
    if (library == Library.IMAGE_IO && name.equals("lossy.webp")) {
      assertThat(meanDifference(decoded.pixels(), rgb(expected))).isLessThan(LOSSY_WEBP);
    } else {
      assertThat(decoded.pixels()).isEqualTo(rgb(expected));
    }
  }

  private static double meanDifference(byte[] a, byte[] b) {
    assertThat(a).hasSameSizeAs(b);
    long sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
    }
    return (double) sum / a.length;
  }

  @ParameterizedTest
  @CsvSource({
    "png, 1, 67, 45", // TYPE_INT_RGB
    "png, 2, 67, 45", // TYPE_INT_ARGB
    "png, 12, 67, 45", // TYPE_BYTE_BINARY
    "png, 13, 66, 45", // TYPE_BYTE_INDEXED
    "png, 1, 1, 1",
    "png, 1, 9000, 2",
    "png, 1, 2, 9000",
    "png, 12, 300000, 3",
    "png, 13, 40001, 2",
    "bmp, 1, 67, 45",
    "bmp, 13, 65, 45",
    "bmp, 12, 35, 45",
    "gif, 13, 64, 45",
    "gif, 12, 33, 45",
    "tif, 1, 67, 45",
    "tif, 13, 67, 45"
  })
  void readsBackWhatWasWritten(String format, int type, int width, int height) throws Exception {
    BufferedImage picture = picture(width, height, type);
    RgbImage decoded = decoder.decode(encode(picture, format)).copy();
    assertThat(decoded.width()).isEqualTo(width);
    assertThat(decoded.height()).isEqualTo(height);
    byte[] expected = rgb(picture);
    assertThat(decoded.pixels()).isEqualTo(expected);
  }

  @Test
  void keepsTheUpperEightOfSixteenBits() throws Exception {
    BufferedImage picture = new BufferedImage(9, 5, BufferedImage.TYPE_USHORT_GRAY);
    for (int x = 0; x < 9; x++) {
      for (int y = 0; y < 5; y++) {
        picture.getRaster().setSample(x, y, 0, 7001 * x + 257 * y);
      }
    }
    byte[] pixels = pixels(encode(picture, "png"));
    for (int x = 0; x < 9; x++) {
      for (int y = 0; y < 5; y++) {
        for (int c = 0; c < 3; c++) {
          assertThat(pixels[(9 * y + x) * 3 + c] & 0xFF).isEqualTo((7001 * x + 257 * y) >> 8);
        }
      }
    }
  }

  @Test
  void readsJpegsAsImageIoDoes() throws Exception {
    BufferedImage picture = new BufferedImage(80, 48, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 80; x++) {
        picture.setRGB(x, y, ((3 * x) << 16) | ((5 * y) << 8) | (x + y));
      }
    }
    byte[] encoded = encode(picture, "jpg");
    byte[] decoded = pixels(encoded);
    byte[] expected = rgb(ImageIO.read(new ByteArrayInputStream(encoded)));
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs((decoded[i] & 0xFF) - (expected[i] & 0xFF))).isLessThanOrEqualTo(2);
    }
  }

  private static List<String> unanimated() {
    return TestFiles.NAMES.stream().filter(name -> !name.equals("animated.gif")).toList();
  }

  @ParameterizedTest
  @MethodSource("unanimated")
  void rejectsWhatIsCutShort(String name) throws Exception {
    byte[] encoded = golden(name);
    for (int tenth = 1; tenth < 10; tenth++) {
      assertRejected(Arrays.copyOf(encoded, encoded.length * tenth / 10), RejectReason.TRUNCATED);
    }
    assertRejected(Arrays.copyOf(encoded, 16), RejectReason.TRUNCATED);
    byte[] withoutItsLast = Arrays.copyOf(encoded, encoded.length - 1);
    if (name.endsWith(".png") || name.endsWith(".gif")) { // only its end mark is cut
      assertThat(pixels(withoutItsLast)).isEqualTo(pixels(encoded));
    } else {
      assertRejected(withoutItsLast, RejectReason.TRUNCATED);
    }
  }

  /** What is cut off is the end mark, or is missed: nothing is left gray. */
  @ParameterizedTest
  @ValueSource(
      strings = {"alpha.png", "palette_alpha.png", "gray16.png", "palette.gif", "baseline.jpg"})
  void readsAllPixelsOrNoneHoweverLittleIsCutOff(String name) throws Exception {
    byte[] encoded = golden(name);
    byte[] expected = pixels(encoded);
    int read = 0;
    for (int length = encoded.length - 40; length < encoded.length; length++) {
      try {
        assertThat(pixels(Arrays.copyOf(encoded, length))).isEqualTo(expected);
        read++;
      } catch (RejectedImageException e) {
        assertThat(e.reason()).isEqualTo(RejectReason.TRUNCATED);
        assertThat(read).as("cuts to fewer than %d bytes", length).isZero();
      }
    }
    // The end chunk of a PNG; of a GIF the end mark, the end of the blocks, and the end code.
    assertThat(read)
        .isBetween(
            name.endsWith("png") ? 12 : name.endsWith("gif") ? 2 : 0,
            name.endsWith("png") ? 12 : name.endsWith("gif") ? 4 : 0);
  }

  @Test
  void readsTheFirstFrameOfAnAnimationThatIsCutShortLater() throws Exception {
    byte[] encoded = golden("animated.gif");
    byte[] cut = Arrays.copyOf(encoded, encoded.length - 20);
    assertThat(pixels(cut)).isEqualTo(pixels(encoded));
    assertRejected(Arrays.copyOf(encoded, encoded.length / 10), RejectReason.TRUNCATED);
  }

  @Test
  void rejectsAJpegWhosePixelsWereLostInTheMiddle() throws Exception {
    byte[] encoded = golden("baseline.jpg");
    byte[] cut = Arrays.copyOf(encoded, encoded.length * 2 / 3);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    assertRejected(cut, RejectReason.TRUNCATED);
  }

  @Test
  void rejectsWhatIsNoImage() {
    assertRejected(new byte[0], RejectReason.EMPTY);
    assertRejected(new byte[] {(byte) 0xFF}, RejectReason.NOT_AN_IMAGE);
    assertRejected(
        "<!DOCTYPE html><html><body>404</body></html>".getBytes(StandardCharsets.UTF_8),
        RejectReason.NOT_AN_IMAGE);
    assertRejected(
        "BM is how this text starts, too".getBytes(StandardCharsets.UTF_8),
        RejectReason.NOT_AN_IMAGE);
    SeededRandom random = SeededRandom.of(9);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[1 + random.nextInt(2000)];
      for (int j = 0; j < garbage.length; j++) {
        garbage[j] = (byte) random.nextLong();
      }
      assertRejected(garbage, RejectReason.NOT_AN_IMAGE);
    }
    assertThatThrownBy(() -> decoder.decode(new byte[] {'%', 'P', 'D', 'F'}))
        .hasMessage("no image format starts with the bytes 25 50 44 46");
  }

  @Test
  void saysWhatItKnowsButDoesNotRead() throws Exception {
    byte[] heic = "\0\0\0\u0018ftypheic\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
    assertRejected(heic, RejectReason.UNSUPPORTED_FORMAT);
    byte[] lossless = golden("baseline.jpg");
    lossless[indexOf(lossless, 0xFF, 0xC0) + 1] = (byte) 0xC3;
    assertRejected(lossless, RejectReason.UNSUPPORTED_FORMAT);
    byte[] twelveBits = golden("baseline.jpg");
    twelveBits[indexOf(twelveBits, 0xFF, 0xC0) + 4] = 12;
    assertRejected(twelveBits, RejectReason.UNSUPPORTED_FORMAT);
    byte[] compressed = golden("alpha.bmp");
    compressed[30] = 1;
    assertRejected(compressed, RejectReason.UNSUPPORTED_FORMAT);
  }

  /** In each, the size is overwritten with one whose pixels would fill all memory. */
  @Test
  void rejectsHugeSizesWithoutAllocating() throws Exception {
    byte[] png = golden("alpha.png");
    ByteBuffer.wrap(png).putInt(16, 2_000_000_000).putInt(20, 2_000_000_000);
    assertRejected(png, RejectReason.TOO_LARGE);
    byte[] jpeg = golden("baseline.jpg");
    ByteBuffer.wrap(jpeg).putInt(indexOf(jpeg, 0xFF, 0xC0) + 5, 0xFFFFFFFF);
    assertRejected(jpeg, RejectReason.TOO_LARGE);
    byte[] gif = golden("palette.gif");
    int frame = 13 + (3 << ((gif[10] & 7) + 1));
    while (gif[frame] != 0x2C) {
      frame++;
    }
    ByteBuffer.wrap(gif).putInt(frame + 5, 0xFFFFFFFF);
    assertRejected(gif, RejectReason.TOO_LARGE);
    byte[] bmp = golden("alpha.bmp");
    ByteBuffer.wrap(bmp).putInt(18, 0xFFFFFF7F).putInt(22, 0xFFFFFF7F);
    assertRejected(bmp, RejectReason.TOO_LARGE);
    byte[] bitmapOfOneRow = golden("alpha.bmp");
    ByteBuffer.wrap(bitmapOfOneRow).putInt(22, 0x00000080); // -2^31 rows
    assertRejected(bitmapOfOneRow, RejectReason.TRUNCATED);
    byte[] webp = golden("alpha.webp");
    ByteBuffer.wrap(webp).putInt(21, 0xFFFFFF0F);
    assertRejected(webp, RejectReason.TOO_LARGE);
  }

  private static int indexOf(byte[] bytes, int first, int second) {
    for (int i = 0; ; i++) {
      if ((bytes[i] & 0xFF) == first && (bytes[i + 1] & 0xFF) == second) {
        return i;
      }
    }
  }

  /** Looking through all entries for each strip would take minutes. */
  @Test
  void takesManyEntriesAndStripsOfATiffInOneGo() {
    int entries = 65_535;
    int strips = 1_000_000;
    int values = 8 + 2 + 12 * entries;
    ByteBuffer tiff = ByteBuffer.allocate(values + 4 * strips).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8).putShort((short) entries);
    tiff.putShort((short) 256).putShort((short) 4).putInt(1).putInt(10);
    tiff.putShort((short) 257).putShort((short) 4).putInt(1).putInt(strips);
    tiff.putShort((short) 278).putShort((short) 4).putInt(1).putInt(1);
    tiff.position(values - 24);
    tiff.putShort((short) 273).putShort((short) 4).putInt(strips).putInt(values);
    tiff.putShort((short) 279).putShort((short) 4).putInt(strips).putInt(values);
    tiff.putInt(tiff.capacity() - 4, Integer.MAX_VALUE); // the last strip is not there
    assertRejected(tiff.array(), RejectReason.TRUNCATED);
  }

  /** Nearly 11 GB of pixels each, of which none must be allocated. */
  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "webp", "tif", "gif", "bmp"})
  void rejectsSixtyThousandSquaredByItsHeader(String format) throws Exception {
    int side = 60_000;
    byte[] encoded =
        switch (format) {
          case "jpg" -> {
            byte[] jpeg = golden("baseline.jpg");
            int frame = indexOf(jpeg, 0xFF, 0xC0);
            ByteBuffer.wrap(jpeg)
                .putShort(frame + 5, (short) side)
                .putShort(frame + 7, (short) side);
            yield jpeg;
          }
          case "png" -> {
            byte[] png = golden("alpha.png");
            ByteBuffer.wrap(png).putInt(16, side).putInt(20, side);
            yield png;
          }
          case "webp" ->
              ByteBuffer.allocate(30)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .put("RIFF".getBytes(StandardCharsets.UTF_8))
                  .putInt(22)
                  .put("WEBPVP8X".getBytes(StandardCharsets.UTF_8))
                  .putInt(10)
                  .putInt(0)
                  .putInt(side - 1)
                  .putShort(27, (short) (side - 1))
                  .array();
          case "tif" -> {
            byte[] tiff = golden("bilevel.tif");
            ByteBuffer bytes = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
            int entries = bytes.getInt(4) + 2;
            assertThat(bytes.getShort(entries)).isEqualTo((short) 256); // the width
            assertThat(bytes.getShort(entries + 12)).isEqualTo((short) 257);
            bytes.putInt(entries + 8, side).putInt(entries + 20, side);
            yield tiff;
          }
          case "gif" -> {
            byte[] gif = encode(picture(8, 8, BufferedImage.TYPE_BYTE_INDEXED), "gif");
            int frame = indexOf(gif, 0x2C, 0);
            ByteBuffer.wrap(gif)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(frame + 5, (short) side)
                .putShort(frame + 7, (short) side);
            yield gif;
          }
          default -> {
            byte[] bmp = golden("alpha.bmp");
            ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(18, side).putInt(22, side);
            yield bmp;
          }
        };
    assertThatThrownBy(() -> decoder.decode(encoded))
        .hasMessage(
            "60000 x 60000 is more than %s00,000,000 pixels",
            List.of("gif", "webp").contains(format) ? 1 : 5);
    assertThat(Allocation.bytesPerRun(() -> assertRejected(encoded, RejectReason.TOO_LARGE)))
        .isLessThan(100_000);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "10", "11", "12", "13"})
  void readsInterlacedPngs(int type) throws Exception {
    BufferedImage picture = picture(37, 29, type);
    byte[] interlaced = progressive(picture, "png");
    assertThat(interlaced[28]).isEqualTo((byte) 1);
    byte[] plain = encode(picture, "png");
    assertThat(plain[28]).isZero();
    assertThat(pixels(interlaced)).isEqualTo(pixels(plain));
  }

  @Test
  void readsProgressiveJpegs() throws Exception {
    BufferedImage picture = picture(37, 29, BufferedImage.TYPE_INT_RGB);
    byte[] progressive = progressive(picture, "jpg");
    assertThat(indexOf(progressive, 0xFF, 0xC2)).isPositive();
    assertThat(pixels(progressive)).isEqualTo(pixels(encode(picture, "jpg")));
  }

  private static byte[] progressive(BufferedImage picture, String format) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    return write(writer, new IIOImage(picture, null, null), param);
  }

  private static byte[] write(ImageWriter writer, IIOImage image, @Nullable ImageWriteParam param)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, image, param);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  @Test
  void keepsTheUpperEightOfSixteenBitsOfColors() throws Exception {
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_USHORT, 9, 5, 3, null);
    byte[] expected = new byte[9 * 5 * 3];
    for (int i = 0; i < expected.length; i++) {
      int sample = 7001 * i & 0xFFFF;
      raster.setSample(i / 3 % 9, i / 27, i % 3, sample);
      expected[i] = (byte) (sample >> 8);
    }
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    BufferedImage picture = new BufferedImage(model, raster, false, null);
    assertThat(pixels(encode(picture, "png"))).isEqualTo(expected);
  }

  /**
   * The samples of a JPEG as they are stored, and what Adobe's segment says they are; -1 for no
   * such segment. Where there are four, 255 is none of an ink, as PIL has it. The expected colors
   * are in floating point.
   */
  @ParameterizedTest
  @CsvSource({"1, -1", "3, -1", "3, 0", "3, 1", "4, -1", "4, 0", "4, 2"})
  void readsTheColorsOfAJpegAsAdobeAndPilMeanThem(int samples, int transform) throws Exception {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 48, 32, samples, null);
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 48; x++) {
        int[] values = {4 * x, 7 * y, 2 * (x + y), 255 - 3 * x};
        raster.setPixel(x, y, Arrays.copyOf(values, samples));
      }
    }
    byte[] plain =
        write(
            ImageIO.getImageWritersByFormatName("jpg").next(),
            new IIOImage(raster, null, null),
            null);
    byte[] encoded = transform < 0 ? plain : withAdobe(plain, transform);
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpg").next();
    reader.setInput(ImageIO.createImageInputStream(new ByteArrayInputStream(plain)));
    Raster stored = reader.readRaster(0, null);
    byte[] decoded = pixels(encoded);
    double[] sample = new double[samples];
    for (int i = 0; i < 48 * 32; i++) {
      stored.getPixel(i % 48, i / 48, sample);
      double[] expected = color(sample, transform);
      for (int c = 0; c < 3; c++) {
        assertThat((double) (decoded[3 * i + c] & 0xFF)).isCloseTo(expected[c], within(1.5));
      }
    }
  }

  private static byte[] withAdobe(byte[] jpeg, int transform) {
    return ByteBuffer.allocate(jpeg.length + 16)
        .put(jpeg, 0, 2)
        .putInt(0xFFEE000E)
        .put("Adobe\0\144\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1))
        .put((byte) transform)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  private static double[] color(double[] sample, int transform) {
    if (sample.length == 1) {
      return new double[] {sample[0], sample[0], sample[0]};
    }
    boolean ycc = sample.length == 3 ? transform != 0 : transform == 2;
    double[] first = ycc ? ycc(sample) : Arrays.copyOf(sample, 3);
    if (sample.length == 3) {
      return first;
    }
    for (int c = 0; c < 3; c++) {
      double ink = ycc ? first[c] : 255 - first[c];
      first[c] = (255 - ink) * sample[3] / 255;
    }
    return first;
  }

  /** ITU-T T.871, section 7. */
  private static double[] ycc(double[] sample) {
    double cb = sample[1] - 128;
    double cr = sample[2] - 128;
    double[] color = {
      sample[0] + 1.402 * cr, sample[0] - 0.344136 * cb - 0.714136 * cr, sample[0] + 1.772 * cb
    };
    for (int c = 0; c < 3; c++) {
      color[c] = Math.max(0, Math.min(255, color[c]));
    }
    return color;
  }

  @Test
  void writesTheNextPictureOverTheLast() throws Exception {
    RgbImage large = decoder.decode(encode(picture(50, 40, BufferedImage.TYPE_INT_RGB), "png"));
    RgbImage small = decoder.decode(golden("alpha.png"));
    assertThat(small.pixels()).isSameAs(large.pixels());
    assertThat(small.copy().pixels()).isEqualTo(rgb(expected("alpha.png")));
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    List<String> names =
        List.of("baseline.jpg", "gray.jpg", "alpha.png", "alpha.webp", "lzw.tif", "palette.gif");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> tasks =
          names.stream()
              .<Callable<Void>>map(
                  name ->
                      () -> {
                        byte[] encoded = golden(name);
                        ImageDecoder own = library.decoder();
                        byte[] expected = own.decode(encoded).copy().pixels();
                        for (int i = 0; i < 200; i++) {
                          assertThat(own.decode(encoded).copy().pixels()).isEqualTo(expected);
                        }
                        return null;
                      })
              .toList();
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      threads.shutdown();
    }
  }
}
