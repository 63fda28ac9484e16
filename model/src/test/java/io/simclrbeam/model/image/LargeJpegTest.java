package io.simclrbeam.model.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** JPEGs of more pixels than are held in memory. */
class LargeJpegTest {
  private static final byte DARK = 64;
  private static final byte BRIGHT = (byte) 192;

  /** Returns a gray picture whose left half is dark and whose right half is bright. */
  private static byte[] jpeg(int width, int height) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    write(file, 0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0);
    file.writeBytes(ones(64));
    write(file, 0xFF, 0xC0, 0, 11, 8, height >> 8, height & 0xFF, width >> 8, width & 0xFF);
    write(file, 1, 1, 0x11, 0);
    // A change is coded as 0 for none, or 10 and 10 bits, or 110 and 11 bits.
    write(file, 0xFF, 0xC4, 0, 22, 0, 1, 1, 1);
    file.writeBytes(new byte[13]);
    write(file, 0, 10, 11);
    // 0 is the end of a block.
    write(file, 0xFF, 0xC4, 0, 20, 0x10, 1);
    file.writeBytes(new byte[16]);
    write(file, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0);
    int columns = (width + 7) / 8;
    int rows = (height + 7) / 8;
    int bits = 0;
    int count = 0;
    int level = 0;
    for (int block = 0; block < columns * rows; block++) {
      int next = block % columns < columns / 2 ? -512 : 512; // 8 * (DARK - 128), and so on
      int change = next - level;
      level = next;
      int size = change == 0 ? 0 : Math.abs(change) < 1024 ? 10 : 11;
      int prefix = size == 0 ? 0 : size == 10 ? 0b10 : 0b110;
      int prefixBits = size == 0 ? 1 : size - 8;
      int value = change < 0 ? change + (1 << size) - 1 : change;
      int code = ((prefix << size) | value) << 1;
      int length = prefixBits + size + 1;
      for (int b = length - 1; b >= 0; b--) {
        bits = (bits << 1) | ((code >> b) & 1);
        if (++count % 8 == 0) {
          write(file, bits & 0xFF);
          if ((bits & 0xFF) == 0xFF) {
            write(file, 0);
          }
        }
      }
    }
    for (; count % 8 > 0; count++) {
      bits = (bits << 1) | 1;
      if (count % 8 == 7) {
        write(file, bits & 0xFF);
      }
    }
    write(file, 0xFF, 0xD9);
    return file.toByteArray();
  }

  private static void write(ByteArrayOutputStream file, int... bytes) {
    for (int value : bytes) {
      file.write(value);
    }
  }

  private static byte[] ones(int count) {
    byte[] ones = new byte[count];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  @ParameterizedTest
  @CsvSource({"LEPTONICA, 1", "LEPTONICA, 2", "IMAGE_IO, 1", "IMAGE_IO, 2"})
  void isReducedOnlyIfItIsTooLarge(Library library, int reduction) throws Exception {
    int width = 10_000 + (reduction == 1 ? 0 : 16);
    RgbImage image = library.decoder().decode(jpeg(width, 10_000));
    assertThat(image.width()).isEqualTo(width / reduction);
    assertThat(image.height()).isEqualTo(10_000 / reduction);
    for (int y = 0; y < image.height(); y += 100) {
      for (int x = 0; x < image.width(); x += 50) {
        boolean dark = x * reduction < width / 16 * 8;
        assertThat(image.pixels()[3 * (y * image.width() + x)]).isEqualTo(dark ? DARK : BRIGHT);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "20000, 20000, 2",
    "20008, 20000, 4",
    "25000, 20000, 4",
    "60000, 60000, 8",
    "65500, 65500, 8"
  })
  void isReducedAsMuchAsItMustBe(int width, int height, int reduction) {
    JpegFrame frame = new JpegFrame(width, height, 3, false, 0, 0);
    assertThat(frame.reduction()).isEqualTo(reduction);
    long pixels = (long) width * height;
    assertThat(pixels / reduction / reduction).isLessThanOrEqualTo(ImageDecoder.MAX_PIXELS);
    assertThat(4 * pixels / reduction / reduction).isGreaterThan(ImageDecoder.MAX_PIXELS);
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void isRejectedAboveALimit(Library library) {
    assertThatThrownBy(() -> library.decoder().decode(jpeg(25_008, 20_000)))
        .hasMessage("25008 x 20000 is more than 500,000,000 pixels");
    ImageDecoder strict = new ImageDecoder(ExifOrientation.IGNORE, 1_000);
    assertThatThrownBy(() -> strict.decode(TestFiles.golden("alpha.png")))
        .hasMessage("32 x 32 is more than 1,000 pixels");
  }

  /** Its coefficients would take 1.2 GB. */
  @Test
  void isRejectedIfItIsProgressiveAndTakesTooMuchMemory() {
    JpegFrame frame = new JpegFrame(20_000, 10_000, 3, false, 2, 0);
    assertThatThrownBy(frame::checkMemory)
        .asInstanceOf(type(RejectedImageException.class))
        .extracting(RejectedImageException::reason)
        .isEqualTo(RejectReason.TOO_LARGE);
    assertThatCode(new JpegFrame(10_000, 10_000, 4, false, 2, 0)::checkMemory)
        .doesNotThrowAnyException();
  }

  @Test
  void isTruncatedIfItIsTooShortForItsPixels() {
    byte[] whole = jpeg(12_000, 9_000);
    byte[] cut = Arrays.copyOf(whole, 10_000);
    cut[9_998] = (byte) 0xFF;
    cut[9_999] = (byte) 0xD9;
    assertThatThrownBy(() -> Library.LEPTONICA.decoder().decode(cut))
        .hasMessageContaining("it says that it has 12000 x 9000 pixels");
  }

  /**
   * A photo of 108 million pixels takes 27 million at 7 bytes each, 189 MB. As a whole it would be
   * 756 MB, which the heap could not even hold.
   */
  @ParameterizedTest
  @EnumSource(Library.class)
  void takesTheMemoryOfWhatIsLeft(Library library) throws Exception {
    Process decodes =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx200m",
                "-cp",
                System.getProperty("java.class.path"),
                Decodes.class.getName(),
                library.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String grown = new String(decodes.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(decodes.waitFor()).isZero();
    assertThat(Long.parseLong(grown)).isLessThan(350_000_000L);
  }

  /** Prints by how many bytes the process grew at most while it decoded a large picture thrice. */
  static final class Decodes {
    private Decodes() {}

    public static void main(String[] arguments) throws Exception {
      ImageDecoder decoder = Library.valueOf(arguments[0]).decoder();
      decoder.decode(TestFiles.golden("baseline.jpg"));
      byte[] encoded = jpeg(12_000, 9_000);
      long before = Pointer.physicalBytes();
      long[] most = {0};
      Thread watch =
          new Thread(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  most[0] = Math.max(most[0], Pointer.physicalBytes());
                }
              });
      watch.start();
      for (int i = 0; i < 3; i++) {
        RgbImage image = decoder.decode(encoded);
        if (image.width() != 6_000 || image.height() != 4_500) {
          throw new AssertionError(image.width() + " x " + image.height());
        }
      }
      watch.interrupt();
      watch.join();
      System.out.println(most[0] - before);
    }
  }
}
