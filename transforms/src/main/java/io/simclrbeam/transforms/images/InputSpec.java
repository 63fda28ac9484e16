package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;

/** The meaning of an input: a folder, a glob, or a file. */
final class InputSpec {
  /** The whole of a store, which is a folder even without a slash at its end. */
  private static final Pattern BUCKET = Pattern.compile("[^/]+://[^/]*");

  /**
   * Files and folders that this program, engines and operating systems leave behind: {@code
   * _SUCCESS}, {@code _MANIFEST.json} and others in capitals, and some by their names.
   */
  private static final Pattern NO_IMAGE =
      Pattern.compile(
          "_[A-Z]+(\\.(json|safetensors))?"
              + "|_hnsw|_temporary|_metadata|_common_metadata|_delta_log"
              + "|__MACOSX|Thumbs\\.db|desktop\\.ini");

  private InputSpec() {}

  /** The files of an input. */
  static final class Listing {
    private final List<ImageRef> files = new ArrayList<>();
    private final List<Missed> missed = new ArrayList<>();

    /**
     * Something that is neither a file nor a folder that can be listed.
     *
     * @param id empty for the input itself
     */
    record Missed(String id, String uri, String why) {}

    /** Returns files, each as if it were one image. */
    List<ImageRef> files() {
      return files;
    }

    List<Missed> missed() {
      return missed;
    }

    void add(String id, String uri, long size) {
      files.add(ImageRef.range(id, uri, 0, size, folderName(id)));
    }

    void miss(String id, String uri, String why) {
      missed.add(new Missed(id, uri, why));
    }
  }

  /** Lists the files of an input; none if there are none. */
  static Listing match(String input) throws IOException {
    return match(input, Integer.MAX_VALUE);
  }

  /**
   * Returns whether an input has a file, or something that may hide one. A local folder is looked
   * into until there is one. Other file systems list all that there is.
   *
   * @throws IOException if the input itself cannot be listed
   */
  static boolean matchesAny(String input) throws IOException {
    Listing listing = match(input, 1);
    for (Listing.Missed missed : listing.missed()) {
      if (missed.id().isEmpty()) {
        throw new IOException(missed.why());
      }
    }
    return !listing.files().isEmpty() || !listing.missed().isEmpty();
  }

  private static Listing match(String input, int most) throws IOException {
    if (ReadRequest.isLocal(input)) {
      return matchLocal(input, most);
    }
    // To match a missing name, Beam walks everything beside it. So ask first.
    if (hasWildcard(input) || isFile(input)) {
      return list(input, fixedFolder(input));
    }
    String root = input.endsWith("/") ? input : input + "/";
    return list(root + "**", root);
  }

  /**
   * Returns whether a path is passed over, as it is no image by its name. It has a part that starts
   * with a dot, or that {@link #NO_IMAGE} matches. Other names that start with an underscore are
   * names like any other: cameras write {@code _MG_1234.JPG}.
   */
  static boolean isPassedOver(String path) {
    for (String part : path.split("/", -1)) {
      if (NO_IMAGE.matcher(part).matches() || (part.startsWith(".") && !part.equals("."))) {
        return true;
      }
    }
    return false;
  }

  /** Returns the name of the folder that a file is in; null at the root. */
  static @Nullable String folderName(String path) {
    String[] parts = path.split("/", -1);
    String folder = parts.length < 2 ? "" : parts[parts.length - 2];
    return folder.isEmpty() || folder.equals(".") ? null : folder;
  }

  private static Listing matchLocal(String input, int most) throws IOException {
    Path path = local(input);
    Listing listing = new Listing();
    if (Files.isDirectory(path)) {
      return LocalFiles.below(path, Integer.MAX_VALUE, file -> true, most);
    }
    if (Files.exists(path)) {
      String name = path.getFileName().toString();
      if (!isPassedOver(name)) {
        listing.add(name, path.toString(), Files.size(path));
      }
      return listing;
    }
    Path folder = local(fixedFolder(input));
    if (!hasWildcard(input) || !Files.isDirectory(folder)) {
      return listing;
    }
    String below = input.substring(Math.max(0, input.lastIndexOf('/', firstWildcard(input)) + 1));
    int depth =
        below.contains("**")
            ? Integer.MAX_VALUE
            : (int) below.chars().filter(c -> c == '/').count() + 1;
    PathMatcher matcher = folder.getFileSystem().getPathMatcher("glob:" + below);
    return LocalFiles.below(folder, depth, file -> matcher.matches(folder.relativize(file)), most);
  }

  private static Path local(String path) {
    return Path.of(FileSystems.matchNewResource(path, path.endsWith("/")).toString());
  }

  private static Listing list(String spec, String root) throws IOException {
    String prefix = FileSystems.matchNewResource(root, true).toString();
    Listing listing = new Listing();
    for (MatchResult.Metadata file : BeamFiles.list(spec)) {
      String uri = file.resourceId().toString();
      String id = uri.startsWith(prefix) ? uri.substring(prefix.length()) : uri;
      if (!file.resourceId().isDirectory() && !isPassedOver(id)) {
        listing.add(id, uri, file.sizeBytes());
      }
    }
    return listing;
  }

  private static boolean hasWildcard(String input) {
    return firstWildcard(input) < input.length();
  }

  private static int firstWildcard(String input) {
    int position = 0;
    while (position < input.length() && "*?[{".indexOf(input.charAt(position)) < 0) {
      position++;
    }
    return position;
  }

  /** Returns whether a path on another file system is one of a file. */
  static boolean isFile(String input) throws IOException {
    if (input.endsWith("/") || BUCKET.matcher(input).matches()) {
      return false;
    }
    try (ReadableByteChannel file = BeamFiles.open(FileSystems.matchNewResource(input, false))) {
      return file.isOpen();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** Returns the folder that holds all that a glob can match. It ends in a slash. */
  static String fixedFolder(String glob) {
    int slash = glob.lastIndexOf('/', firstWildcard(glob));
    return slash < 0 ? "./" : glob.substring(0, slash + 1);
  }
}
