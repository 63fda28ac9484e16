package io.simclrbeam.model.image;

import static io.simclrbeam.model.image.TestFiles.encode;
import static io.simclrbeam.model.image.TestFiles.picture;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.Allocation;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeptonicaReaderTest {
  private final ImageDecoder decoder = Library.LEPTONICA.decoder();

  /** The pixels alone would be 24 kB. */
  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "bmp", "gif", "tif"})
  void leavesNoPixelsToTheGarbageCollector(String format) throws Exception {
    byte[] encoded = encode(picture(100, 80, BufferedImage.TYPE_BYTE_INDEXED), format);
    assertThat(Allocation.bytesPerRun(() -> decoder.decode(encoded))).isLessThan(2_000);
  }

  /**
   * In a JVM of its own, whose heap is so small that its growth cannot be taken for a leak. The
   * process has more memory than JavaCPP would let it have, as one with libtorch's tensors does.
   */
  @Test
  void givesItsNativeMemoryBack() throws Exception {
    Process decodes =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx200m",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=1m",
                "-cp",
                System.getProperty("java.class.path"),
                Decodes.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String grown = new String(decodes.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(decodes.waitFor()).isZero();
    assertThat(Long.parseLong(grown)).isLessThan(500_000_000L);
  }

  /**
   * Prints by how many bytes the process grew while it decoded the same picture again and again.
   */
  static final class Decodes {
    private Decodes() {}

    public static void main(String[] arguments) throws Exception {
      ByteBuffer bmp = ByteBuffer.allocate(54 + 3000 * 9000).order(ByteOrder.LITTLE_ENDIAN);
      bmp.put((byte) 'B').put((byte) 'M').putInt(bmp.capacity()).putInt(0).putInt(54);
      bmp.putInt(40).putInt(3000).putInt(3000).putShort((short) 1).putShort((short) 24);
      byte[] encoded = bmp.array();
      ImageDecoder decoder = Library.LEPTONICA.decoder();
      decoder.decode(encoded);
      long before = Pointer.physicalBytes();
      for (int i = 0; i < 40; i++) {
        decoder.decode(encoded); // takes 63 MB outside the heap, 2.5 GB if all were kept
      }
      System.out.println(Pointer.physicalBytes() - before);
    }
  }
}
