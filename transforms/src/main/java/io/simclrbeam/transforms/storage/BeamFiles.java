package io.simclrbeam.transforms.storage;

import io.simclrbeam.model.storage.FileStore;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that Beam's {@link FileSystems} reach. Beam's file systems say in different ways that
 * something is missing or forbidden, some of them with unchecked exceptions. Here there is one way.
 *
 * <p>An {@link IllegalArgumentException} is about a path that makes no sense, such as one without a
 * file system.
 */
public final class BeamFiles {
  private static final Pattern LINE_BREAK = Pattern.compile("[\\n\\r\\u0085\\u2028\\u2029]");

  private static final Logger LOG = LoggerFactory.getLogger(BeamFiles.class);

  private BeamFiles() {}

  /**
   * Opens a file.
   *
   * @throws FileNotFoundException if it is not there
   * @throws StorageException if it cannot be opened
   */
  public static ReadableByteChannel open(ResourceId file) throws IOException {
    try {
      return FileSystems.open(file);
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (FileNotFoundException e) {
      // Java says it also of a file that it cannot open now, as there are too many open ones.
      if (file.getScheme().equals("file") && Files.isReadable(Path.of(file.toString()))) {
        throw new StorageException(file.toString(), "read", e);
      }
      throw e;
    } catch (IOException | RuntimeException e) {
      if (StorageException.isNotFound(e)) {
        FileNotFoundException missing = new FileNotFoundException(file.toString());
        missing.initCause(e);
        throw missing;
      }
      throw new StorageException(file.toString(), "read", e);
    }
  }

  /**
   * Returns a file that is not local. Beam takes no address with a line break for one, but goes
   * from a folder to such names.
   *
   * @throws IllegalArgumentException if there is no file system for it
   */
  static ResourceId remote(String address) {
    Matcher odd = LINE_BREAK.matcher(address);
    if (!odd.find()) {
      return FileSystems.matchNewResource(address, false);
    }
    int start = address.lastIndexOf('/', odd.start()) + 1;
    ResourceId resource = FileSystems.matchNewResource(address.substring(0, start), true);
    String[] names = address.substring(start).split("/", -1);
    for (int i = 0; i < names.length; i++) {
      resource =
          resource.resolve(
              names[i],
              i < names.length - 1
                  ? StandardResolveOptions.RESOLVE_DIRECTORY
                  : StandardResolveOptions.RESOLVE_FILE);
    }
    return resource;
  }

  /**
   * Opens a file for reading from any place. What fails is tried again for half a minute.
   *
   * @return a channel that fails with a {@link FileNotFoundException} if the file is not there any
   *     more, and with an {@link UncheckedIOException} if it cannot be read
   * @throws FileNotFoundException if it is not there
   * @throws IllegalArgumentException if there is no file system for the address, or it reads files
   *     in a row only
   * @throws UncheckedIOException of a {@link StorageException} if it cannot be opened
   */
  public static SeekableByteChannel openSteadily(String file) throws FileNotFoundException {
    return SteadyChannel.open(file);
  }

  /**
   * Writes a file. Others may see a part of it meanwhile.
   *
   * @throws StorageException if that fails
   */
  public static void write(ResourceId file, String mimeType, FileStore.Content content)
      throws IOException {
    try {
      fill(file, mimeType, content);
    } catch (StorageException | IllegalArgumentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new StorageException(file.toString(), "written", e);
    }
  }

  /**
   * Writes a file under a hidden name beside it, then renames it, replacing an earlier one. That is
   * atomic on the file systems that Beam knows. When this returns, a local file is on the disk,
   * with its name.
   *
   * @throws StorageException if that fails; nothing is left of what was written then
   */
  public static void replace(ResourceId file, String mimeType, FileStore.Content content)
      throws IOException {
    ResourceId temporary =
        file.getCurrentDirectory()
            .resolve(
                ".%s.%s".formatted(file.getFilename(), UUID.randomUUID()),
                StandardResolveOptions.RESOLVE_FILE);
    boolean done = false;
    try {
      List<Path> folders = foldersToSync(file);
      fill(temporary, mimeType, content);
      if (isLocal(file)) {
        sync(Path.of(temporary.toString()), StandardOpenOption.WRITE);
      }
      FileSystems.rename(List.of(temporary), List.of(file));
      for (Path folder : folders) {
        syncFolder(folder);
      }
      done = true;
    } catch (StorageException | IllegalArgumentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new StorageException(file.toString(), "written", e);
    } finally {
      if (!done) {
        discard(temporary);
      }
    }
  }

  /** Half a file would take up the room that the next try needs. */
  private static void discard(ResourceId temporary) {
    try {
      delete(List.of(temporary));
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} is left behind.", temporary, e);
    }
  }

  /**
   * Makes sure that a local file is on the disk, with its name. It is for files that Beam wrote,
   * before another file vouches for them.
   */
  public static void sync(ResourceId file) throws IOException {
    if (isLocal(file)) {
      Path path = Path.of(file.toString()).toAbsolutePath();
      sync(path, StandardOpenOption.WRITE);
      syncFolder(Objects.requireNonNull(path.getParent()));
    }
  }

  private static boolean isLocal(ResourceId file) {
    return file.getScheme().equals("file");
  }

  /** Returns the folder of a local file, and those above it that get a new entry with it. */
  private static List<Path> foldersToSync(ResourceId file) {
    List<Path> folders = new ArrayList<>();
    if (isLocal(file)) {
      @Nullable Path folder = Path.of(file.toString()).toAbsolutePath().getParent();
      boolean exists = false;
      while (folder != null && !exists) {
        folders.add(folder);
        exists = Files.exists(folder);
        folder = folder.getParent();
      }
    }
    return folders;
  }

  private static void sync(Path path, StandardOpenOption access) throws IOException {
    try (FileChannel channel = FileChannel.open(path, access)) {
      channel.force(true);
    }
  }

  private static void syncFolder(Path folder) {
    try {
      sync(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      LOG.debug("{} is of a kind that cannot be synced.", folder, e); // as all are on Windows
    }
  }

  private static void fill(ResourceId file, String mimeType, FileStore.Content content)
      throws IOException {
    // A file on S3 must not be closed twice, as Avro's writers do; a buffer lets only one through.
    try (OutputStream out =
        new BufferedOutputStream(Channels.newOutputStream(FileSystems.create(file, mimeType)))) {
      content.writeTo(out);
    }
  }

  /**
   * Deletes files. Missing ones do not matter.
   *
   * @throws StorageException if that fails
   */
  public static void delete(List<ResourceId> files) throws IOException {
    try {
      FileSystems.delete(files, StandardMoveOptions.IGNORE_MISSING_FILES);
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new StorageException(files.get(0).toString(), "deleted", e);
    }
  }
}
