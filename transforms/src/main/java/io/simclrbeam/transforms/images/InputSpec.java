package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.storage.FileListing;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystems;
import org.jspecify.annotations.Nullable;

/** The meaning of an input: a folder, a glob, or a file. */
final class InputSpec {
  /** The whole of a store, which is a folder even without a slash at its end. */
  private static final Pattern BUCKET = Pattern.compile("[^/]+://[^/]*");

  /** Files that are held until they are handed over. */
  private static final int MOST_HELD = 10_000;

  /** Folders that are enough for the workers to list at once; to look for more takes time. */
  private static final int ENOUGH_FOLDERS = 64;

  private InputSpec() {}

  /** The files of an input that may be images or shards. */
  static final class Listing {
    private final ImageFilter.Compiled filter;
    private final List<ImageRef> files = new ArrayList<>();
    private final List<Missed> missed = new ArrayList<>();
    private final PassedOver passedOver = new PassedOver();
    private final @Nullable Taker taker;
    private boolean named;
    private boolean taken;

    private Listing(ImageFilter filter, @Nullable Taker taker) {
      this.filter = filter.compile();
      this.taker = taker;
    }

    /** Takes files of a listing, so that it never holds all of them. */
    interface Taker {
      void take(Listing listing, List<ImageRef> files) throws IOException;
    }

    private void hand(int least) throws IOException {
      if (taker != null && files.size() >= least) {
        taker.take(this, List.copyOf(files));
        taken = true;
        files.clear();
      }
    }

    /** Returns whether there is neither a file nor anything that may hide one. */
    boolean isEmpty() {
      return !taken && files.isEmpty() && missed.isEmpty();
    }

    /**
     * Something that is neither a file nor a folder that can be listed.
     *
     * @param id empty for the input itself
     */
    record Missed(String id, String uri, String why) {}

    /** Returns files that were not taken, each as if it were one image. */
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

    private void addNamed(String id, String uri, long size, @Nullable String mark) {
      named = true;
      files.add(ref(id, uri, size, mark));
    }

    /** Returns whether {@link #add} would add a file as one that is read. */
    boolean wouldAdd(String id) {
      return !PassedOver.wouldTake(id)
          && (ShardFormats.of(id).isPresent() ? !filter.excludes(id) : filter.chooses(id));
    }

    /** Adds a file, or counts it among those that are passed over. */
    void add(String id, String uri, long size, @Nullable String mark) throws IOException {
      if (passedOver.takes(id)) {
        return;
      }
      boolean shard = ShardFormats.of(uri).isPresent();
      if (shard ? filter.excludes(id) : !filter.chooses(id)) {
        passedOver.add(PassedOver.Kind.NOT_CHOSEN, id);
      } else if (!shard && NameKind.of(id) == NameKind.OTHER) {
        passedOver.add(PassedOver.Kind.OTHER, id);
      } else {
        files.add(ref(id, uri, size, mark));
        hand(MOST_HELD);
      }
    }

    void miss(String id, String uri, String why) {
      if (!passedOver.takes(id) && !filter.excludes(id)) {
        missed.add(new Missed(id, uri, why));
      }
    }

    private static ImageRef ref(String id, String uri, long size, @Nullable String mark) {
      return ImageRef.range(id, uri, 0, size, folderName(id)).withMark(mark);
    }
  }

  /** Lists the files of an input; none if there are none. */
  static Listing match(String input, ImageFilter filter) throws IOException {
    Listing listing = new Listing(filter, null);
    match(input, Integer.MAX_VALUE, listing);
    return listing;
  }

  /**
   * Lists one of several inputs, without files that belong to another of them. A file belongs to
   * the input that gives it the longest id, or to the first of these. Its files are handed over
   * some at a time.
   */
  static Listing match(List<String> inputs, String input, ImageFilter filter, Listing.Taker taker)
      throws IOException {
    Listing listing = listing(inputs, input, filter, taker);
    match(input, Integer.MAX_VALUE, listing);
    listing.hand(1);
    return listing;
  }

  /**
   * Lists one of several inputs, as {@link #match}. Of a large one, large folders are left for
   * others to list.
   *
   * @param left gets their addresses
   */
  static Listing matchSome(
      List<String> inputs, String input, ImageFilter filter, Listing.Taker taker, List<String> left)
      throws IOException {
    if (!isPaged(input) || isFile(input)) {
      return match(inputs, input, filter, taker);
    }
    Listing listing = listing(inputs, input, filter, taker);
    String root = folder(input);
    FileListing.Visitor visitor = adding(root, Integer.MAX_VALUE, listing, listing::add);
    Deque<String> folders = new ArrayDeque<>(List.of(root));
    while (!folders.isEmpty() && folders.size() < ENOUGH_FOLDERS) {
      folders.addAll(FileListing.split(folders.remove(), visitor));
    }
    listing.hand(1);
    left.addAll(folders);
    return listing;
  }

  /** Lists a folder that was left. */
  static Listing matchFolder(
      List<String> inputs, String input, String folder, ImageFilter filter, Listing.Taker taker)
      throws IOException {
    Listing listing = listing(inputs, input, filter, taker);
    FileListing.visitFolder(
        folder, adding(folder(input), Integer.MAX_VALUE, listing, listing::add));
    listing.hand(1);
    return listing;
  }

  private static Listing listing(
      List<String> inputs, String input, ImageFilter filter, Listing.Taker taker)
      throws IOException {
    List<Root> roots = new ArrayList<>();
    for (String each : inputs.size() > 1 ? inputs : List.<String>of()) {
      roots.add(root(each));
    }
    int mine = inputs.indexOf(input);
    return new Listing(
        filter,
        (all, files) -> {
          List<ImageRef> own = new ArrayList<>(files.size());
          for (ImageRef file : files) {
            if (belongsElsewhere(file, mine, roots, all)) {
              all.passedOver.add(PassedOver.Kind.TWICE, file.id());
            } else {
              own.add(file);
            }
          }
          taker.take(all, own);
        });
  }

  private static boolean belongsElsewhere(
      ImageRef file, int mine, List<Root> roots, Listing listing) throws IOException {
    String real =
        LocalPaths.isLocal(file.uri()) && !roots.isEmpty()
            ? LocalPaths.text(LocalPaths.of(file.uri()).toRealPath())
            : file.uri();
    for (int other = 0; other < roots.size(); other++) {
      @Nullable String id = other == mine ? null : roots.get(other).id(real, listing);
      if (id != null
          && (id.length() > file.id().length()
              || (id.length() == file.id().length() && other < mine))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where the ids of an input begin.
   *
   * @param prefix of its files, without links; it ends in a slash
   * @param glob of what is behind it; null for all of it
   * @param name of the only file; null if it is a folder or a glob
   */
  private record Root(String prefix, @Nullable Pattern glob, @Nullable String name) {
    /** Returns the id that the input gives a file; null if it has no such file. */
    @Nullable String id(String file, Listing listing) {
      if (!file.startsWith(prefix)) {
        return null;
      }
      String id = file.substring(prefix.length());
      if (name != null) {
        return id.equals(name) ? id : null;
      }
      return (glob == null || glob.matcher(id).matches()) && listing.wouldAdd(id) ? id : null;
    }
  }

  private static Root root(String input) throws IOException {
    if (!LocalPaths.isLocal(input)) {
      boolean wildcard = hasWildcard(input);
      boolean file = !wildcard && isFile(input);
      String folder = wildcard || file ? fixedFolder(input) : folder(input);
      String rest = input.length() > folder.length() ? input.substring(folder.length()) : "";
      return new Root(
          FileSystems.matchNewResource(folder, true).toString(),
          wildcard ? ImageFilter.pathPattern(rest) : null,
          file ? rest : null);
    }
    Path path = LocalPaths.of(input);
    if (Files.isDirectory(path)) {
      return new Root(prefix(path), null, null);
    }
    if (Files.exists(path)) {
      Path real = path.toRealPath();
      return new Root(
          prefix(Objects.requireNonNull(real.getParent())),
          null,
          LocalPaths.text(real.getFileName()));
    }
    LocalGlob glob = LocalGlob.of(input);
    return glob == null
        ? new Root(input + "/", null, null)
        : new Root(prefix(glob.folder), glob.pattern, null);
  }

  private static String prefix(Path folder) throws IOException {
    String text = LocalPaths.text(folder.toRealPath());
    return text.endsWith("/") ? text : text + "/";
  }

  /**
   * Lists an input until there are some files, or all of it, which file systems do that neither are
   * local nor list page by page.
   *
   * @throws IOException if the input itself cannot be listed
   */
  static Listing matchAtMost(int most, String input, ImageFilter filter) throws IOException {
    Listing listing = new Listing(filter, null);
    match(input, most, listing);
    for (Listing.Missed missed : listing.missed()) {
      if (missed.id().isEmpty()) {
        throw new IOException(missed.why());
      }
    }
    return listing;
  }

  private static void match(String input, int most, Listing listing) throws IOException {
    if (LocalPaths.isLocal(input)) {
      matchLocal(input, most, listing);
    } else if (hasWildcard(input)) {
      list(input, fixedFolder(input), most, listing, listing::add);
    } else if (isFile(input)) { // to match a missing name, Beam walks everything beside it
      list(input, fixedFolder(input), most, listing, listing::addNamed);
    } else {
      String root = folder(input);
      list(root + "**", root, most, listing, listing::add);
    }
  }

  private static String folder(String input) {
    return input.endsWith("/") ? input : input + "/";
  }

  /** Returns whether an input may be a folder that is listed page by page. */
  static boolean isPaged(String input) {
    return !LocalPaths.isLocal(input) && !hasWildcard(input) && FileListing.isPaged(folder(input));
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
      BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
      listing.addNamed(
          LocalPaths.text(path.getFileName()),
          LocalPaths.address(path),
          file.size(),
          FileMark.of(file));
    } else if (hasWildcard(input)) {
      matchGlob(input, most, listing);
    }
  }

  private static void matchGlob(String input, int most, Listing listing) throws IOException {
    LocalGlob glob = LocalGlob.of(input);
    if (glob == null) {
      return;
    }
    LocalFiles.list(
        glob.folder,
        glob.depth,
        file -> glob.pattern.matcher(LocalPaths.text(glob.folder.relativize(file))).matches(),
        most,
        listing);
  }

  /**
   * A glob of local files. Its folders that are there under that very name are no globs.
   *
   * @param pattern of paths below the folder
   * @param depth of these
   */
  private record LocalGlob(Path folder, Pattern pattern, int depth) {
    /** Returns a glob; null if it is in a folder that is not there. */
    static @Nullable LocalGlob of(String input) {
      int start = input.startsWith("/") ? 1 : 0;
      for (int slash = input.indexOf('/', start); slash >= 0; slash = input.indexOf('/', start)) {
        if (!Files.isDirectory(LocalPaths.of(input.substring(0, slash)))) {
          break;
        }
        start = slash + 1;
      }
      String glob = input.substring(start);
      if (firstWildcard(glob) > (glob + "/").indexOf('/')) {
        return null;
      }
      return new LocalGlob(
          LocalPaths.of(start == 0 ? "./" : input.substring(0, start)),
          ImageFilter.pathPattern(glob),
          glob.contains("**")
              ? Integer.MAX_VALUE
              : (int) glob.chars().filter(c -> c == '/').count() + 1);
    }
  }

  private interface Adding {
    void add(String id, String uri, long size, @Nullable String mark) throws IOException;
  }

  private static void list(String spec, String root, int most, Listing listing, Adding adding)
      throws IOException {
    FileListing.visit(spec, adding(root, most, listing, adding));
  }

  private static FileListing.Visitor adding(String root, int most, Listing listing, Adding adding) {
    String prefix = FileSystems.matchNewResource(root, true).toString();
    return file -> {
      String uri = file.resourceId().toString();
      if (!file.resourceId().isDirectory()) {
        adding.add(
            uri.startsWith(prefix) ? uri.substring(prefix.length()) : uri,
            uri,
            file.sizeBytes(),
            FileMark.of(file));
      }
      return listing.files().size() < most;
    };
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
