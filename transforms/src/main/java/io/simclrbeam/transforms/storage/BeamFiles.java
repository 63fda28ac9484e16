package io.simclrbeam.transforms.storage;

import io.simclrbeam.model.storage.FileStore;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystemUtils;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;

/**
 * Files that Beam's {@link FileSystems} reach. Beam's file systems say in different ways that
 * something is missing or forbidden, some of them with unchecked exceptions. Here there is one way.
 *
 * <p>An {@link IllegalArgumentException} is about a path that makes no sense, such as one without a
 * file system.
 */
public final class BeamFiles {
  /**
   * A pattern for all files below a folder. Beam's file system of Hadoop overlooks files in the
   * folder itself. Without the slash it finds them, but also those of other folders whose names
   * begin the same way.
   */
  private static final Pattern HADOOP_TREE = Pattern.compile("(\\w*hdfs:.*[^/*])/\\*\\*");

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
    } catch (FileNotFoundException | IllegalArgumentException e) {
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
   * Lists the files that a pattern matches.
   *
   * @throws StorageException if they cannot be listed, or the bucket does not exist
   */
  public static List<MatchResult.Metadata> list(String pattern) throws IOException {
    Matcher tree = HADOOP_TREE.matcher(pattern);
    if (tree.matches()) {
      Pattern wanted = Pattern.compile(FileSystemUtils.wildcardToRegexp(withoutHost(pattern)));
      return match(tree.group(1) + "**").stream()
          .filter(file -> wanted.matcher(withoutHost(file.resourceId().toString())).matches())
          .toList();
    }
    return match(pattern);
  }

  private static String withoutHost(String address) {
    return address.replaceFirst("^\\w+:(//[^/]*)?", "");
  }

  private static List<MatchResult.Metadata> match(String pattern) throws IOException {
    try {
      return FileSystems.match(pattern, EmptyMatchTreatment.ALLOW).metadata();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new StorageException(pattern, "read", e);
    }
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
   * Writes a file under a temporary name, then renames it, replacing an earlier one. That is atomic
   * on the file systems that Beam knows.
   *
   * @throws StorageException if that fails
   */
  static void replace(
      ResourceId file, ResourceId temporary, String mimeType, FileStore.Content content)
      throws IOException {
    try {
      fill(temporary, mimeType, content);
      FileSystems.rename(List.of(temporary), List.of(file));
    } catch (StorageException | IllegalArgumentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new StorageException(file.toString(), "written", e);
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
  static void delete(List<ResourceId> files) throws IOException {
    try {
      FileSystems.delete(files, StandardMoveOptions.IGNORE_MISSING_FILES);
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new StorageException(files.get(0).toString(), "deleted", e);
    }
  }
}
