package io.simclrbeam.model.image;

import static io.simclrbeam.model.image.TestFiles.encode;
import static io.simclrbeam.model.image.TestFiles.golden;
import static io.simclrbeam.model.image.TestFiles.picture;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageIoReaderTest {
  private final ImageDecoder decoder = Library.IMAGE_IO.decoder();

  private static List<String> names() {
    return TestFiles.NAMES;
  }

  /**
   * Equal but for lossy WebP, whose colors TwelveMonkeys takes from the nearest of a quarter of the
   * pixels where libwebp interpolates; in a picture of noise that makes most of a difference.
   */
  @ParameterizedTest
  @MethodSource("names")
  void readsWhatLeptonicaReads(String name) throws Exception {
    int most = name.equals("lossy.webp") ? 46 : 0;
    assertThat(largestDifference(golden(name))).isLessThanOrEqualTo(most);
  }

  @ParameterizedTest
  @CsvSource({
    "png, 1", "png, 2", "png, 10", "png, 11", "png, 12", "png, 13", "bmp, 1", "bmp, 10", "bmp, 12",
    "bmp, 13", "gif, 12", "gif, 13", "tif, 1", "tif, 2", "tif, 10", "tif, 12", "tif, 13", "jpg, 1",
    "jpg, 10"
  })
  void readsWhatLeptonicaReads(String format, int type) throws Exception {
    assertThat(largestDifference(encode(picture(67, 45, type), format))).isZero();
  }

  private int largestDifference(byte[] encoded) throws RejectedImageException {
    RgbImage expected = Library.LEPTONICA.decoder().decode(encoded).copy();
    RgbImage actual = decoder.decode(encoded).copy();
    assertThat(actual.width()).isEqualTo(expected.width());
    assertThat(actual.height()).isEqualTo(expected.height());
    int largest = 0;
    for (int i = 0; i < expected.pixels().length; i++) {
      int difference = (actual.pixels()[i] & 0xFF) - (expected.pixels()[i] & 0xFF);
      largest = Math.max(largest, Math.abs(difference));
    }
    return largest;
  }

  private void assertTruncated(byte[] encoded) {
    assertThatThrownBy(() -> decoder.decode(encoded))
        .isInstanceOfSatisfying(
            RejectedImageException.class,
            e -> assertThat(e.reason()).isEqualTo(RejectReason.TRUNCATED));
  }

  /** The JDK reads such a GIF without a word, and leaves the rest black. */
  @Test
  void rejectsAGifWhoseDataEndsBeforeItsPixels() throws Exception {
    assertThat(decoder.decode(gif(4)).copy().pixels()).containsOnly(-1);
    for (int pixels = 0; pixels < 4; pixels++) {
      assertTruncated(gif(pixels));
    }
  }

  /** Returns a picture of 2 x 2 with only so many white pixels, each after a clear code. */
  private static byte[] gif(int pixels) {
    long codes = 5; // the end
    for (int i = 0; i < pixels; i++) {
      codes = (codes << 6) | (1 << 3) | 4;
    }
    return ByteBuffer.allocate(38)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("GIF89a".getBytes(UTF_8))
        .putInt(0x00020002)
        .put(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, -1, -1, -1, 0x2C, 0, 0, 0, 0})
        .putInt(0x00020002)
        .put(new byte[] {0, 2, 4})
        .putInt((int) codes)
        .put(new byte[] {0, ';'})
        .array();
  }

  /** The check sums fit, so only the missing pixels can be noticed. */
  @Test
  void rejectsAPngWhoseDataEndsBeforeItsPixels() throws Exception {
    assertThat(decoder.decode(png(3 * (1 + 4 * 3))).height()).isEqualTo(3);
    for (int length = 0; length < 3 * (1 + 4 * 3); length++) {
      assertTruncated(png(length));
    }
  }

  @Test
  void rejectsAPngWhoseCheckSumDoesNotFit() throws Exception {
    byte[] png = png(3 * (1 + 4 * 3));
    png[png.length - 13] ^= 1; // of the pixels
    assertTruncated(png);
  }

  /** Its chunk says the right length, too, so only the missing pixels can be noticed. */
  @ParameterizedTest
  @ValueSource(strings = {"alpha.webp", "lossy.webp"})
  void rejectsAWebpWhoseDataEndsBeforeItsPixels(String name) throws Exception {
    byte[] whole = golden(name);
    int data = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
    assertThat(decoder.decode(webp(whole, data)).height()).isEqualTo(32);
    for (int length = 10; length < data - 1; length += 1 + length / 50) {
      assertTruncated(webp(whole, length));
    }
  }

  private static byte[] webp(byte[] whole, int length) {
    ByteBuffer cut = ByteBuffer.allocate(20 + length + (length & 1)).order(ByteOrder.LITTLE_ENDIAN);
    cut.put(whole, 0, 20 + length).putInt(4, cut.capacity() - 8).putInt(16, length);
    return cut.array();
  }

  @Test
  void rejectsAPngWhoseCompressedDataHasAnotherCheckSum() throws Exception {
    byte[] png = png(3 * (1 + 4 * 3));
    int data = 33 + 8;
    int end = data + ByteBuffer.wrap(png).getInt(33);
    png[end - 1] ^= 1;
    CRC32 sum = new CRC32();
    sum.update(png, data - 4, end - data + 4);
    ByteBuffer.wrap(png).putInt(end, (int) sum.getValue());
    assertTruncated(png);
  }

  @Test
  void rejectsAPngWhoseCompressedDataLacksItsCheckSum() throws Exception {
    byte[] png = png(3 * (1 + 4 * 3));
    int start = 33 + 8;
    int end = start + ByteBuffer.wrap(png).getInt(33);
    ByteArrayOutputStream cut = new ByteArrayOutputStream();
    cut.write(png, 0, 33);
    cut.write(chunk("IDAT", Arrays.copyOfRange(png, start, end - 4)));
    cut.write(chunk("IEND", new byte[0]));
    assertTruncated(cut.toByteArray());
  }

  /** Returns an RGB picture of 4 x 3 with only so many bytes of filters and pixels. */
  private static byte[] png(int length) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(4).putInt(3).put((byte) 8).put((byte) 2);
    out.write(chunk("IHDR", header.array()));
    Deflater deflater = new Deflater();
    deflater.setInput(new byte[length]);
    deflater.finish();
    byte[] deflated = new byte[1000];
    out.write(chunk("IDAT", Arrays.copyOf(deflated, deflater.deflate(deflated))));
    deflater.end();
    out.write(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  private static byte[] chunk(String name, byte[] data) {
    CRC32 sum = new CRC32();
    sum.update(name.getBytes(UTF_8));
    sum.update(data);
    return ByteBuffer.allocate(12 + data.length)
        .putInt(data.length)
        .put(name.getBytes(UTF_8))
        .put(data)
        .putInt((int) sum.getValue())
        .array();
  }

  @Test
  void isUsedAndSaidWhereThereIsNoLeptonica() throws Exception {
    String natives = "linux|macosx|windows";
    String withoutNatives =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(
                jar ->
                    !Path.of(jar)
                        .getFileName()
                        .toString()
                        .matches("(leptonica|javacpp)-.*(" + natives + ").*"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> lines = run(withoutNatives, List.of());
    assertThat(lines)
        .contains(
            "ImageIO, which is slower, as Leptonica cannot be loaded on %s %s"
                .formatted(System.getProperty("os.name"), System.getProperty("os.arch")),
            "32 x 32");
  }

  /** Finding ImageIO's plug-ins takes a while at the start. */
  @Test
  void isNotLoadedWhereThereIsLeptonica() throws Exception {
    List<String> lines = run(System.getProperty("java.class.path"), List.of("-verbose:class"));
    assertThat(lines).contains("32 x 32").anyMatch(line -> line.startsWith("Leptonica 1."));
    assertThat(lines)
        .anyMatch(line -> line.contains("LeptonicaReader"))
        .noneMatch(line -> line.contains("javax.imageio") || line.contains("com.twelvemonkeys"));
  }

  private static List<String> run(String classPath, List<String> options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, Decode.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).isZero();
    return lines;
  }

  /** Decodes a picture with whatever library there is. */
  static final class Decode {
    private Decode() {}

    public static void main(String[] arguments) throws Exception {
      for (String name : List.of("baseline.jpg", "alpha.png", "alpha.webp", "lzw.tif")) {
        try (var stream = Decode.class.getResourceAsStream("/golden/decode/" + name)) {
          RgbImage image = new ImageDecoder(ExifOrientation.IGNORE).decode(stream.readAllBytes());
          System.out.println(image.width() + " x " + image.height());
        }
      }
      System.out.println(ImageDecoder.library());
    }
  }
}
