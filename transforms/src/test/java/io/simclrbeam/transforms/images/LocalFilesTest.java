package io.simclrbeam.transforms.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.transforms.storage.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalFilesTest {
  @TempDir private Path folder;

  private InputSpec.Listing listing;
  private LocalFiles files;

  @BeforeEach
  void begin() throws IOException {
    Files.createDirectory(folder.resolve("cats"));
    listing = InputSpec.matchAtMost(1, folder.toString(), ImageFilter.ALL);
    files = new LocalFiles(folder, 9, file -> true, 9, listing);
  }

  /** As a reject, the folder's images would be missing without a failure. */
  @Test
  void aFolderThatCannotBeListedNowFailsTheJob() {
    Path cats = folder.resolve("cats");
    IOException failure = new FileSystemException(cats.toString(), null, "Too many open files");
    assertThatThrownBy(() -> files.visitFileFailed(cats, failure))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("cats cannot be listed: ")
        .hasMessageContaining("Too many open files");
    assertThat(listing.missed()).isEmpty();
  }

  @Test
  void oneThatMayNotBeListedOrIsGoneIsMissed() throws IOException {
    Path cats = folder.resolve("cats");
    Path gone = folder.resolve("gone");
    files.visitFileFailed(cats, new AccessDeniedException(cats.toString()));
    files.visitFileFailed(gone, new NoSuchFileException(gone.toString()));
    assertThat(listing.missed()).extracting(missed -> missed.id()).containsExactly("cats", "gone");
  }
}
