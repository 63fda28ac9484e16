package io.simclrbeam.model.image;

import static io.simclrbeam.model.image.TestFiles.encode;
import static io.simclrbeam.model.image.TestFiles.golden;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.random.SeededRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Library.class)
class ExifOrientationTest {
  /** Pixels of a JPEG are drawn as blocks of this side, which its coding keeps apart. */
  private static final int BLOCK = 16;

  private static final List<String> PICTURE = List.of("abc", "def");

  private static final String LEVELS = "abcdef";
  private static final int BETWEEN_LEVELS = 40;

  private final ImageDecoder ignoring;
  private final ImageDecoder applying;

  ExifOrientationTest(Library library) {
    ignoring = library.decoder();
    applying = library.decoder(ExifOrientation.APPLY);
  }

  /** The maps are written out from the names of the tag's values in the TIFF specification. */
  @ParameterizedTest
  @CsvSource({
    "1, abc def", // the first row is the top, the first column the left
    "2, cba fed", // top, right
    "3, fed cba", // bottom, right
    "4, def abc", // bottom, left
    "5, ad be cf", // left, top
    "6, da eb fc", // right, top
    "7, fc eb da", // right, bottom
    "8, cf be ad", // left, bottom
    "0, abc def",
    "9, abc def",
    "65535, abc def"
  })
  void turnsUpright(int orientation, String rows) throws Exception {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] exif = exif(orientation, order);
      List<String> expected = List.of(rows.split(" "));
      assertThat(letters(applying.decode(jpeg(exif)))).isEqualTo(expected);
      assertThat(letters(applying.decode(png(exif)))).isEqualTo(expected);
      assertThat(letters(ignoring.decode(jpeg(exif)))).isEqualTo(PICTURE);
      assertThat(letters(ignoring.decode(png(exif)))).isEqualTo(PICTURE);
    }
  }

  @ParameterizedTest
  @CsvSource({"'',", "'Exif\0\0',"})
  void turnsWebp(String introduction) throws Exception {
    byte[] stored = golden("lossy.webp");
    RgbImage upright = applying.decode(stored).copy();
    byte[] block =
        concatenated(introduction.getBytes(ISO_8859_1), exif(6, ByteOrder.LITTLE_ENDIAN));
    RgbImage turned = applying.decode(webp(stored, block)).copy();
    assertThat(ignoring.decode(webp(stored, block)).copy().pixels()).isEqualTo(upright.pixels());
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        assertThat(pixel(turned, x, y)).isEqualTo(pixel(upright, y, 31 - x));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void leavesTiffToItsTag(ExifOrientation setting) throws Exception {
    ImageDecoder decoder = setting == ExifOrientation.APPLY ? applying : ignoring;
    RgbImage image = decoder.decode(golden("orientation.tif"));
    assertThat(image.copy().pixels())
        .isEqualTo(TestFiles.rgb(TestFiles.expected("orientation.tif")));
  }

  @Test
  void takesABrokenBlockForUpright() throws Exception {
    byte[] exif = exif(6, ByteOrder.BIG_ENDIAN);
    for (int length = 0; length < 20; length++) {
      assertUpright(Arrays.copyOf(exif, length));
    }
    byte[] far = exif.clone();
    ByteBuffer.wrap(far).putInt(4, 0x7FFFFFF0);
    assertUpright(far);
    byte[] before = exif.clone();
    ByteBuffer.wrap(before).putInt(4, -100);
    assertUpright(before);
    byte[] bigTiff = exif.clone();
    bigTiff[3] = 43;
    assertUpright(bigTiff);
    byte[] elsewhere = exif.clone();
    ByteBuffer.wrap(elsewhere).putInt(14, 1000).putInt(18, 0x7FFFFFFE);
    assertUpright(elsewhere);
  }

  private void assertUpright(byte[] exif) throws Exception {
    assertThat(letters(applying.decode(jpeg(exif)))).isEqualTo(PICTURE);
    assertThat(letters(applying.decode(png(exif)))).isEqualTo(PICTURE);
    RgbImage stored = ignoring.decode(golden("lossy.webp"));
    assertThat(applying.decode(webp(golden("lossy.webp"), exif)).copy().pixels())
        .isEqualTo(stored.copy().pixels());
  }

  /** A picture that can be decoded can still be decoded, whatever its block holds. */
  @Test
  void neverRejectsForABrokenBlock() throws Exception {
    SeededRandom random = SeededRandom.of(3);
    for (int i = 0; i < 500; i++) {
      byte[] exif = exif(6, i % 2 == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
        exif[random.nextInt(exif.length)] = (byte) random.nextLong();
      }
      RgbImage image = applying.decode(png(exif));
      assertThat(image.width() * image.height()).isEqualTo(6);
    }
  }

  /** Returns a block whose directory has the orientation as its only entry. */
  private static byte[] exif(int orientation, ByteOrder order) {
    return ByteBuffer.allocate(26)
        .order(order)
        .put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(ISO_8859_1))
        .putShort((short) 42)
        .putInt(8)
        .putShort((short) 1)
        .putShort((short) 274)
        .putShort((short) 3)
        .putInt(1)
        .putShort((short) orientation)
        .putShort((short) 0)
        .putInt(0)
        .array();
  }

  private static byte[] jpeg(byte[] exif) throws IOException {
    byte[] plain = encode(picture(BLOCK), "jpg");
    ByteBuffer segment =
        ByteBuffer.allocate(10 + exif.length)
            .putShort((short) 0xFFE1)
            .putShort((short) (8 + exif.length))
            .put("Exif\0\0".getBytes(ISO_8859_1))
            .put(exif);
    return inserted(plain, 2, segment.array());
  }

  private static byte[] png(byte[] exif) throws IOException {
    byte[] plain = encode(picture(1), "png");
    CRC32 sum = new CRC32();
    sum.update("eXIf".getBytes(ISO_8859_1));
    sum.update(exif);
    ByteBuffer chunk =
        ByteBuffer.allocate(12 + exif.length)
            .putInt(exif.length)
            .put("eXIf".getBytes(ISO_8859_1))
            .put(exif)
            .putInt((int) sum.getValue());
    return inserted(plain, 33, chunk.array());
  }

  /** Puts the pixels of a simple WebP and the block into an extended one. */
  private static byte[] webp(byte[] simple, byte[] exif) {
    int padded = exif.length + (exif.length & 1);
    ByteBuffer webp =
        ByteBuffer.allocate(18 + simple.length + 8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    webp.put(simple, 0, 4).putInt(webp.capacity() - 8).put(simple, 8, 4);
    webp.put("VP8X".getBytes(ISO_8859_1)).putInt(10).putInt(8);
    webp.put(new byte[] {31, 0, 0, 31, 0, 0});
    webp.put(simple, 12, simple.length - 12);
    webp.put("EXIF".getBytes(ISO_8859_1)).putInt(exif.length).put(exif);
    return webp.array();
  }

  private static byte[] inserted(byte[] bytes, int at, byte[] part) {
    return concatenated(
        Arrays.copyOf(bytes, at), part, Arrays.copyOfRange(bytes, at, bytes.length));
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Draws each letter as a gray. */
  private static BufferedImage picture(int block) {
    BufferedImage picture = new BufferedImage(3 * block, 2 * block, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 2 * block; y++) {
      for (int x = 0; x < 3 * block; x++) {
        int level = LEVELS.indexOf(PICTURE.get(y / block).charAt(x / block)) * BETWEEN_LEVELS;
        picture.setRGB(x, y, level * 0x010101);
      }
    }
    return picture;
  }

  /** Reads the letters back from the middles of the blocks. */
  private static List<String> letters(RgbImage image) {
    int block = image.width() * image.height() == 6 ? 1 : BLOCK;
    String[] rows = new String[image.height() / block];
    Arrays.fill(rows, "");
    for (int y = 0; y < rows.length; y++) {
      for (int x = 0; x < image.width() / block; x++) {
        int level = pixel(image, x * block + block / 2, y * block + block / 2) & 0xFF;
        rows[y] += LEVELS.charAt((level + BETWEEN_LEVELS / 2) / BETWEEN_LEVELS);
      }
    }
    return List.of(rows);
  }

  private static int pixel(RgbImage image, int x, int y) {
    int at = 3 * (y * image.width() + x);
    byte[] pixels = image.pixels();
    return ((pixels[at] & 0xFF) << 16) | ((pixels[at + 1] & 0xFF) << 8) | (pixels[at + 2] & 0xFF);
  }
}
