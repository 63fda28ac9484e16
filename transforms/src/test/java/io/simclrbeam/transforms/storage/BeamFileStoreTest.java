package io.simclrbeam.transforms.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.beam.sdk.io.FileSystems;
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
    try (Stream<Path> files = Files.list(folder.resolve("a/b"))) {
      assertThat(files).hasSize(1); // half a file would take up the room that the next try needs
    }
    write(store, "a/b/file", "second");
    assertThat(read(store, "a/b/file")).isEqualTo("second");
  }

  /** Java calls both "not found": a file that is gone, and one that does not open now. */
  @Test
  void whatIsThereAndDoesNotOpenIsNotMissing() throws IOException {
    Files.createDirectory(folder.resolve("in the way"));
    BeamFileStore store = new BeamFileStore(folder.toString());
    assertThatThrownBy(() -> store.open("in the way")).isInstanceOf(StorageException.class);
    assertThatThrownBy(() -> store.open("gone")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aFolderThatDoesNotOpenIsNotEmpty() throws IOException {
    BeamFileStore store = new BeamFileStore(folder.toString());
    write(store, "a/file", "text");
    assertThat(store.list("a")).containsExactly("a/file");
    Path closed = Files.createDirectories(folder.resolve("a/closed"));
    Files.setPosixFilePermissions(closed, Set.of());
    try {
      assumeThat(Files.isReadable(closed)).as("root opens all").isFalse();
      assertThatThrownBy(() -> store.list("a")).isInstanceOf(StorageException.class);
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void aFullDiskIsToldAsSuch() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists(); // on Linux
    assertThatThrownBy(
            () ->
                BeamFiles.write(
                    FileSystems.matchNewResource(full.toString(), false),
                    "text/plain",
                    out -> out.write(new byte[100_000])))
        .isInstanceOf(StorageException.class)
        .hasMessage(
            "/dev/full cannot be written: No space left on device. Make room there; the same command then goes on.");
  }

  /** A machine may lose its power when a write has returned. */
  @Test
  void aFileIsOnTheDiskBeforeItHasItsNameAndThenItsNameIs(@TempDir Path elsewhere)
      throws IOException {
    BeamFileStore store = new BeamFileStore(folder.toString());
    Path events = elsewhere.resolve("events.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.FileForce").withThreshold(Duration.ZERO);
      recording.start();
      write(store, "a/b/file", "text");
      recording.stop();
      recording.dump(events);
    }
    List<String> synced =
        RecordingFile.readAllEvents(events).stream()
            .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
            .sorted(Comparator.comparing(RecordedEvent::getStartTime))
            .map(event -> event.getString("path"))
            .filter(path -> path.startsWith(folder.toString()))
            .map(path -> path.substring(folder.toString().length()))
            .toList();
    assertThat(synced).hasSize(4);
    assertThat(synced.get(0)).startsWith("/a/b/.file.");
    assertThat(synced.subList(1, 4)).containsExactly("/a/b", "/a", "");
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
