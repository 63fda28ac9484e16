package io.simclrbeam.model.image;

import static io.simclrbeam.model.image.TestFiles.encode;
import static io.simclrbeam.model.image.TestFiles.expected;
import static io.simclrbeam.model.image.TestFiles.golden;
import static io.simclrbeam.model.image.TestFiles.picture;
import static io.simclrbeam.model.image.TestFiles.rgb;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.simclrbeam.model.random.SeededRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
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
   * Levels that a lossy WebP differs from PIL's on average: TwelveMonkeys takes the nearest colour,
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline.jpg",
        "progressive.jpg",
        "gray.jpg",
        "cmyk.jpg",
        "lossy.webp",
        "alpha.webp",
        "alpha.png",
        "palette_alpha.png",
        "gray16.png",
        "lzw.tif",
        "alpha.tif",
        "cmyk.tif",
        "palette.gif",
        "alpha.bmp",
        "bilevel.bmp"
      })
  void rejectsWhatIsCutShort(String name) throws Exception {
    byte[] encoded = golden(name);
    for (int tenth = 1; tenth < 10; tenth++) {
      assertRejected(Arrays.copyOf(encoded, encoded.length * tenth / 10), RejectReason.TRUNCATED);
    }
    assertRejected(Arrays.copyOf(encoded, 16), RejectReason.TRUNCATED);
    assertRejected(Arrays.copyOf(encoded, encoded.length - 1), RejectReason.TRUNCATED);
  }

  @Test
  void readsTheFirstFrameOfAnAnimationThatIsCutShortLater() throws Exception {
    byte[] encoded = golden("animated.gif");
    byte[] cut = Arrays.copyOf(encoded, encoded.length - 20);
    assertThat(pixels(cut)).isEqualTo(pixels(encoded));
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
    byte[] bigTiff = golden("lzw.tif");
    bigTiff[2] = 43;
    assertRejected(bigTiff, RejectReason.UNSUPPORTED_FORMAT);
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline.jpg",
        "progressive.jpg",
        "alpha.webp",
        "alpha.png",
        "lzw.tif",
        "alpha.tif",
        "palette.gif",
        "alpha.bmp"
      })
  void flippedBitsNeitherCrashNorHang(String name) throws Exception {
    byte[] encoded = golden(name);
    SeededRandom random = SeededRandom.of(10);
    int decoded = 0;
    int rejected = 0;
    for (int i = 0; i < 500; i++) {
      byte[] flipped = encoded.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        decoder.decode(flipped);
        decoded++;
      } catch (RejectedImageException e) {
        rejected++;
      }
    }
    assertThat(decoded + rejected).isEqualTo(500);
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
