package io.simclrbeam.transforms.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BeamFileStoreTest {
  @TempDir private Path folder;

  @Test
  void keepsAFileUntilItIsReplacedWhole() throws IOException {
    BeamFileStore store = new BeamFileStore(folder.toString());
    write(store, "a/b/file", "first");
    assertThatThrownBy(
            () ->
                store.write(
                    "a/b/file",
                    out -> {
                      out.write('x');
                      throw new IOException("no space left");
                    }))
        .hasMessageContaining("file cannot be written: no space left. ");
    assertThat(read(store, "a/b/file")).isEqualTo("first");
    write(store, "a/b/file", "second");
    assertThat(read(store, "a/b/file")).isEqualTo("second");
  }

  @Test
  void listsWhatIsBelowAFolder() throws IOException {
    BeamFileStore store = new BeamFileStore(folder.toString());
    write(store, "a/x", "");
    write(store, "a/b/y", "");
    write(store, "ab", "");
    assertThat(store.list("a/")).containsExactlyInAnyOrder("a/x", "a/b/y");
    assertThat(store.list("none/")).isEmpty();
  }

  @Test
  void deletesFilesAndTheFoldersThatTheyLeaveEmpty() throws IOException {
    BeamFileStore store = new BeamFileStore(folder.toString());
    write(store, "a/x", "");
    write(store, "a/y", "");
    write(store, "b/x", "");
    store.delete(List.of("a/x", "a/gone", "b/x"));
    assertThat(folder.resolve("a/y")).exists();
    assertThat(folder.resolve("a/x")).doesNotExist();
    assertThat(folder.resolve("b")).doesNotExist();
    assertThatThrownBy(() -> store.open("b/x").close()).isInstanceOf(FileNotFoundException.class);
  }

  private static void write(BeamFileStore store, String name, String text) throws IOException {
    store.write(name, out -> out.write(text.getBytes(UTF_8)));
  }

  private static String read(BeamFileStore store, String name) throws IOException {
    try (InputStream in = store.open(name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
