package io.simclrbeam.model.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/**
 * A file of a store, copied to the folder for temporary files: large files are mapped into memory
 * from there, or read by libtorch, and don't pass through the heap.
 *
 * @param path of the copy
 * @param sha256 its digest, in hexadecimal
 */
public record LocalCopy(Path path, String sha256) implements AutoCloseable {
  /**
   * Copies a file.
   *
   * @throws java.io.FileNotFoundException if it is not in the store
   */
  public static LocalCopy of(FileStore store, String name) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = store.open(name)) {
      Path copy = Files.createTempFile("simclr-", ".copy");
      try {
        Files.copy(new DigestInputStream(in, digest), copy, StandardCopyOption.REPLACE_EXISTING);
        return new LocalCopy(copy, Sha256.hex(digest.digest()));
      } catch (IOException | RuntimeException e) {
        Files.delete(copy);
        throw e;
      }
    }
  }

  /**
   * Deletes it. What is mapped stays readable, except on Windows, where the file stays until the
   * end of the process.
   */
  @Override
  public void close() {
    if (!path.toFile().delete()) {
      path.toFile().deleteOnExit();
    }
  }
}
