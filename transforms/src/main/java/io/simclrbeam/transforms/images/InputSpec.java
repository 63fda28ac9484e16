package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private InputSpec() {}

  /** The files of an input that may be images or shards. */
  static final class Listing {
    private final ImageFilter.Compiled filter;
    private final List<ImageRef> files = new ArrayList<>();
    private final List<Missed> missed = new ArrayList<>();
    private final PassedOver passedOver = new PassedOver();
    private boolean named;

    Listing(ImageFilter filter) {
      this.filter = filter.compile();
    }

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

    PassedOver passedOver() {
      return passedOver;
    }

    /**
     * Returns whether the input is the name of a file, which is looked at whatever it is called.
     */
    boolean isNamed() {
      return named;
    }

    private void addNamed(String id, String uri, long size) {
      named = true;
      files.add(ref(id, uri, size));
    }

    /** Adds a file, or counts it among those that are passed over. */
    void add(String id, String uri, long size) {
      if (passedOver.takes(id)) {
        return;
      }
      boolean shard = ShardFormats.of(uri).isPresent();
      if (shard ? filter.excludes(id) : !filter.chooses(id)) {
        passedOver.add(PassedOver.Kind.NOT_CHOSEN, id);
      } else if (!shard && NameKind.of(id) == NameKind.OTHER) {
        passedOver.add(PassedOver.Kind.OTHER, id);
      } else {
        files.add(ref(id, uri, size));
      }
    }

    void miss(String id, String uri, String why) {
      if (!passedOver.takes(id) && !filter.excludes(id)) {
        missed.add(new Missed(id, uri, why));
      }
    }

    private static ImageRef ref(String id, String uri, long size) {
      return ImageRef.range(id, uri, 0, size, folderName(id));
    }
  }

  /** Lists the files of an input; none if there are none. */
  static Listing match(String input, ImageFilter filter) throws IOException {
    return match(input, filter, Integer.MAX_VALUE);
  }

  /**
   * Lists an input until there is a file, or all of it: other file systems than the local one list
   * all that there is.
   *
   * @throws IOException if the input itself cannot be listed
   */
  static Listing matchAny(String input, ImageFilter filter) throws IOException {
    Listing listing = match(input, filter, 1);
    for (Listing.Missed missed : listing.missed()) {
      if (missed.id().isEmpty()) {
        throw new IOException(missed.why());
      }
    }
    return listing;
  }

  private static Listing match(String input, ImageFilter filter, int most) throws IOException {
    Listing listing = new Listing(filter);
    if (LocalPaths.isLocal(input)) {
      matchLocal(input, most, listing);
    } else if (hasWildcard(input)) {
      list(input, fixedFolder(input), listing::add);
    } else if (isFile(input)) { // to match a missing name, Beam walks everything beside it
      list(input, fixedFolder(input), listing::addNamed);
    } else {
      String root = input.endsWith("/") ? input : input + "/";
      list(root + "**", root, listing::add);
    }
    return listing;
  }

  /** Returns the name of the folder that a file is in; null at the root. */
  static @Nullable String folderName(String path) {
    String[] parts = path.split("/", -1);
    String folder = parts.length < 2 ? "" : parts[parts.length - 2];
    return folder.isEmpty() || folder.equals(".") ? null : folder;
  }

  private static void matchLocal(String input, int most, Listing listing) throws IOException {
    Path path = LocalPaths.of(input);
    if (Files.isDirectory(path)) {
      LocalFiles.list(path, Integer.MAX_VALUE, file -> true, most, listing);
    } else if (Files.exists(path)) {
      listing.addNamed(
          LocalPaths.text(path.getFileName()), LocalPaths.address(path), Files.size(path));
    } else if (hasWildcard(input)) {
      matchGlob(input, most, listing);
    }
  }

  /** Lists what matches a glob. Its folders that are there under that very name are no globs. */
  private static void matchGlob(String input, int most, Listing listing) throws IOException {
    int start = input.startsWith("/") ? 1 : 0;
    for (int slash = input.indexOf('/', start); slash >= 0; slash = input.indexOf('/', start)) {
      if (!Files.isDirectory(LocalPaths.of(input.substring(0, slash)))) {
        break;
      }
      start = slash + 1;
    }
    String glob = input.substring(start);
    if (firstWildcard(glob) > (glob + "/").indexOf('/')) {
      return; // it is in a folder that is not there
    }
    Path folder = LocalPaths.of(start == 0 ? "./" : input.substring(0, start));
    int depth =
        glob.contains("**")
            ? Integer.MAX_VALUE
            : (int) glob.chars().filter(c -> c == '/').count() + 1;
    Pattern pattern = ImageFilter.pathPattern(glob);
    LocalFiles.list(
        folder,
        depth,
        file -> pattern.matcher(LocalPaths.text(folder.relativize(file))).matches(),
        most,
        listing);
  }

  private interface Adding {
    void add(String id, String uri, long size);
  }

  private static void list(String spec, String root, Adding adding) throws IOException {
    String prefix = FileSystems.matchNewResource(root, true).toString();
    for (MatchResult.Metadata file : BeamFiles.list(spec)) {
      String uri = file.resourceId().toString();
      if (!file.resourceId().isDirectory()) {
        adding.add(
            uri.startsWith(prefix) ? uri.substring(prefix.length()) : uri, uri, file.sizeBytes());
      }
    }
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
