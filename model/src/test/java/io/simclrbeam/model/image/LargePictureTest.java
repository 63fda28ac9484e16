package io.simclrbeam.model.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures other than JPEGs of more pixels than are held in memory. */
class LargePictureTest {
  private static final int WIDTH = 12_000;
  private static final int HEIGHT = 9_000;

  static Stream<String> files() throws Exception {
    List<String> names = new ArrayList<>(TestFiles.NAMES);
    Path folder =
        Path.of(Objects.requireNonNull(LargePictureTest.class.getResource("/conformance")).toURI());
    try (Stream<Path> files = Files.list(folder)) {
      files.map(file -> file.getFileName().toString()).sorted().forEach(names::add);
    }
    return names.stream()
        .filter(name -> name.matches(".*\\.(png|bmp|tif)"))
        // Runs and interlaced rows are not read in order, and a turned picture has other blocks.
        .filter(name -> !name.matches("(.*rle.*|.*interlaced.*|orientation.*)"));
  }

  private static byte[] encoded(String name) throws IOException {
    return TestFiles.NAMES.contains(name) ? TestFiles.golden(name) : TestFiles.conformance(name);
  }

  private static RgbImage read(byte[] encoded, int reduction) throws RejectedImageException {
    ImageHeader header = ImageHeader.of(encoded);
    HeaderBytes bytes = new HeaderBytes(header.format(), encoded);
    PixelBuffer buffer = new PixelBuffer();
    return switch (header.format()) {
      case PNG -> PngReader.read(header, bytes, encoded, reduction, buffer);
      case BMP -> new BmpReader().read(bytes, encoded, reduction, buffer);
      default ->
          new TiffReader(new LeptonicaReader()).read(header, bytes, encoded, reduction, buffer);
    };
  }

  /** The slow, obvious twin: the mean of each block of the whole picture. */
  private static byte[] reduced(RgbImage whole, int k) {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    for (int top = 0; top < whole.height(); top += k) {
      for (int left = 0; left < whole.width(); left += k) {
        for (int c = 0; c < 3; c++) {
          int sum = 0;
          int count = 0;
          for (int y = top; y < Math.min(top + k, whole.height()); y++) {
            for (int x = left; x < Math.min(left + k, whole.width()); x++) {
              sum += whole.pixels()[3 * (y * whole.width() + x) + c] & 0xFF;
              count++;
            }
          }
          pixels.write((int) Math.floor((double) sum / count + 0.5));
        }
      }
    }
    return pixels.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("files")
  void blocksBecomeTheirMeans(String name) throws Exception {
    byte[] encoded = encoded(name);
    RgbImage whole = new ImageDecoder(ExifOrientation.IGNORE).decode(encoded).copy();
    for (int k : new int[] {1, 2, 3, 7, 64}) {
      RgbImage image = read(encoded, k);
      assertThat(image.width()).isEqualTo((whole.width() + k - 1) / k);
      assertThat(image.height()).isEqualTo((whole.height() + k - 1) / k);
      assertThat(image.copy().pixels()).as("1/%d", k).isEqualTo(reduced(whole, k));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "10000, 10000, 1",
    "10001, 10000, 2",
    "100000001, 1, 2",
    "20000, 20000, 2",
    "20001, 20000, 4",
    "60000, 60000, 8",
    "200000, 200000, 32"
  })
  void isReducedAsMuchAsItMustBe(int width, int height, int reduction) {
    assertThat(BlockMeans.reduction(width, height)).isEqualTo(reduction);
  }

  /** Returns a gray PNG whose left half is black and whose right half is white. */
  private static byte[] png(int width, int height, int interlaced) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    byte[] row = new byte[1 + width];
    Arrays.fill(row, 1 + width / 2, 1 + width, (byte) -1);
    try (DeflaterOutputStream out = new DeflaterOutputStream(data, new Deflater(1))) {
      for (int y = 0; y < height; y++) {
        out.write(row);
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put(new byte[] {8, 0, 0, 0, (byte) interlaced});
    writeChunk(file, "IHDR", header.array());
    byte[] bytes = data.toByteArray();
    for (int from = 0; from < bytes.length; from += 8192) {
      writeChunk(
          file, "IDAT", Arrays.copyOfRange(bytes, from, Math.min(from + 8192, bytes.length)));
    }
    writeChunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void writeChunk(ByteArrayOutputStream file, String name, byte[] data) {
    ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length);
    chunk.put(name.getBytes(UTF_8)).put(data);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, 4 + data.length);
    file.writeBytes(chunk.putInt((int) sum.getValue()).array());
  }

  /** Returns a TIFF like that, of one strip of 1 bit a pixel, as it is. */
  private static byte[] tiff(int width, int height) {
    int[][] tags = {
      {256, width}, {257, height}, {258, 1}, {259, 1}, {262, 1}, {273, 8}, {277, 1}, {278, height}
    };
    byte[] pixels = bits(width, height);
    ByteBuffer file =
        ByteBuffer.allocate(8 + pixels.length + 2 + 12 * tags.length + 4)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(0x002A4949)
            .putInt(8 + pixels.length)
            .put(pixels)
            .putShort((short) tags.length);
    for (int[] tag : tags) {
      file.putShort((short) tag[0]).putShort((short) 4).putInt(1).putInt(tag[1]);
    }
    return file.array();
  }

  /** Returns a BMP like that, of 1 bit a pixel. */
  private static byte[] bmp(int width, int height) {
    byte[] pixels = bits(width, height);
    return ByteBuffer.allocate(62 + pixels.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 'B')
        .put((byte) 'M')
        .putInt(62 + pixels.length)
        .putInt(0)
        .putInt(62)
        .putInt(40)
        .putInt(width)
        .putInt(height)
        .putShort((short) 1)
        .putShort((short) 1)
        .put(new byte[24])
        .putInt(0)
        .putInt(0xFFFFFF)
        .put(pixels)
        .array();
  }

  /** Returns rows of whole bytes, and whole words. */
  private static byte[] bits(int width, int height) {
    byte[] pixels = new byte[width / 8 * height];
    for (int y = 0; y < height; y++) {
      int from = y * (width / 8);
      Arrays.fill(pixels, from + width / 16, from + width / 8, (byte) -1);
    }
    return pixels;
  }

  private static byte[] large(String format) throws IOException {
    return switch (format) {
      case "png" -> png(WIDTH, HEIGHT, 0);
      case "tif" -> tiff(WIDTH, HEIGHT);
      default -> bmp(WIDTH, HEIGHT);
    };
  }

  @Test
  void isRejectedIfItCannotBeReduced() throws Exception {
    byte[] interlaced = png(20_000, 20_000, 1);
    RejectedImageException e =
        catchThrowableOfType(
            RejectedImageException.class,
            () -> new ImageDecoder(ExifOrientation.IGNORE).decode(interlaced));
    assertThat(e.reason()).isEqualTo(RejectReason.TOO_LARGE);
    assertThat(e).hasMessageStartingWith("20000 x 20000 pixels are too many for an interlaced PNG");
    byte[] runs = TestFiles.conformance("rle8.bmp");
    ByteBuffer.wrap(runs).order(ByteOrder.LITTLE_ENDIAN).putInt(18, 20_000).putInt(22, 20_000);
    assertThatThrownBy(() -> new ImageDecoder(ExifOrientation.IGNORE).decode(runs))
        .hasMessage("20000 x 20000 is more than 100,000,000 pixels");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "tif", "bmp"})
  void isTruncatedIfPixelsAreMissing(String format) throws Exception {
    byte[] whole = large(format);
    byte[] cut = Arrays.copyOf(whole, whole.length - 5_000);
    if (format.equals("png")) { // with an end chunk in place of the last data
      System.arraycopy(whole, whole.length - 12, cut, cut.length - 12, 12);
    } else if (format.equals("tif")) { // whose strip begins too late
      cut = whole;
      ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(cut.length - 32, 10_000);
    }
    byte[] encoded = cut;
    assertThat(
            catchThrowableOfType(
                    RejectedImageException.class,
                    () -> new ImageDecoder(ExifOrientation.IGNORE).decode(encoded))
                .reason())
        .isEqualTo(RejectReason.TRUNCATED);
  }

  /** 108 million pixels become 27 million, of 81 MB. As a whole they would be 324 MB. */
  @ParameterizedTest
  @ValueSource(strings = {"png", "tif", "bmp"})
  void takesTheMemoryOfWhatIsLeft(String format) throws Exception {
    Process decodes =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-cp",
                System.getProperty("java.class.path"),
                Decodes.class.getName(),
                format)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String grown = new String(decodes.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(decodes.waitFor()).isZero();
    assertThat(Long.parseLong(grown)).isLessThan(200_000_000L);
  }

  /** Prints by how many bytes the process has grown after it has decoded a large picture twice. */
  static final class Decodes {
    private Decodes() {}

    public static void main(String[] arguments) throws Exception {
      ImageDecoder decoder = new ImageDecoder(ExifOrientation.IGNORE);
      decoder.decode(TestFiles.golden("alpha.png"));
      byte[] encoded = large(arguments[0]);
      long before = Pointer.physicalBytes();
      for (int i = 0; i < 2; i++) {
        RgbImage image = decoder.decode(encoded);
        if (image.width() != WIDTH / 2 || image.height() != HEIGHT / 2) {
          throw new AssertionError(image.width() + " x " + image.height());
        }
        for (int p = 0; p < 3 * image.width() * image.height(); p++) {
          int level = p / 3 % image.width() < image.width() / 2 ? 0 : -1;
          if (image.pixels()[p] != level) {
            throw new AssertionError("pixel " + p);
          }
        }
      }
      System.out.println(Pointer.physicalBytes() - before);
    }
  }
}
