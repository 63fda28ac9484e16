package io.simclrbeam.model.image;

import static io.simclrbeam.model.image.TestFiles.conformance;
import static io.simclrbeam.model.image.TestFiles.golden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a TIFF says of itself may be anything; sizes that are 0 are divided by, if not looked at.
 */
final class TiffValuesTest {
  private static final long[] VALUES = {0, 1, 3, 65_535, (1L << 32) - 1};

  private static final int SHORT = 3;
  private static final int LONG = 4;

  private static Stream<String> files() {
    return DecoderFuzz.KINDS.entrySet().stream()
        .filter(kind -> kind.getKey().startsWith("tiff") && !kind.getKey().equals("tiff-big"))
        .map(kind -> kind.getValue())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("files")
  void anyValueGivesAPictureOrAReason(String name) throws IOException {
    byte[] file = TestFiles.NAMES.contains(name) ? golden(name) : conformance(name);
    ByteBuffer tiff = ByteBuffer.wrap(file);
    tiff.order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    ImageDecoder decoder = new ImageDecoder(ExifOrientation.APPLY);
    int directory = tiff.getInt(4);
    int changed = 0;
    for (int i = 0; i < tiff.getShort(directory); i++) {
      int entry = directory + 2 + 12 * i;
      int type = tiff.getShort(entry + 2);
      int size = type == SHORT ? 2 : type == LONG ? 4 : 0;
      int count =
          size == 0 ? 0 : (int) Math.min(4 / size, Integer.toUnsignedLong(tiff.getInt(entry + 4)));
      for (int at = entry + 8; at < entry + 8 + count * size; at += size) {
        int before = size == 2 ? tiff.getShort(at) : tiff.getInt(at);
        for (long value : VALUES) {
          put(tiff, at, size, (int) value);
          try {
            decoder.decode(file);
          } catch (RejectedImageException e) {
            assertThat(e.getMessage()).isNotBlank();
          } catch (RuntimeException e) {
            fail("%s with %d in tag %d".formatted(name, value, tiff.getShort(entry)), e);
          }
          changed++;
        }
        put(tiff, at, size, before);
      }
    }
    assertThat(changed).isGreaterThan(25);
  }

  private static void put(ByteBuffer tiff, int at, int size, int value) {
    if (size == 2) {
      tiff.putShort(at, (short) value);
    } else {
      tiff.putInt(at, value);
    }
  }
}
