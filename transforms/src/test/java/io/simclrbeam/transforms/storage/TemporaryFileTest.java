package io.simclrbeam.transforms.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class TemporaryFileTest {
  @Test
  void holdsWhatIsWritten() throws IOException {
    try (TemporaryFile file = TemporaryFile.create("test")) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      file.write(ByteBuffer.wrap(new byte[] {9, 8}), 2);
      ByteBuffer read = ByteBuffer.allocate(9);
      assertThat(file.channel().read(read, 0)).isEqualTo(4);
      assertThat(read.array()).startsWith(1, 2, 9, 8);
    }
  }

  /** A closed file fails as one on a full disk does. */
  @Test
  void theFolderIsNamedIfItCannotBeWritten() throws IOException {
    TemporaryFile file = TemporaryFile.create("test");
    file.close();
    assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0))
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith(
            "A temporary file in %s cannot be written: ", System.getProperty("java.io.tmpdir"));
  }
}
