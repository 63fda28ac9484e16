package io.simclrbeam.transforms.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystem;
import org.apache.beam.sdk.io.FileSystemRegistrar;
import org.apache.beam.sdk.io.FileSystemUtils;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult.Metadata;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.util.common.ReflectHelpers;
import org.jspecify.annotations.Nullable;

/**
 * Lists files that Beam's {@link FileSystems} reach. What a {@link PagedStore} has is listed page
 * by page, all else as Beam does it: whole. On S3 that also saves Beam's request for each file.
 */
public final class FileListing {
  /**
   * A pattern for all files below a folder. Beam's file system of Hadoop overlooks files in the
   * folder itself. Without the slash it finds them, but also those of other folders whose names
   * begin the same way.
   */
  private static final Pattern HADOOP_TREE = Pattern.compile("(\\w*hdfs:.*[^/*])/\\*\\*");

  private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");

  private static final Pattern BUCKET = Pattern.compile("(\\w+)://([^/]+)/(.*)", Pattern.DOTALL);

  /** A folder whose folders have fewer files than this is listed faster as a whole. */
  private static final int LEAST_IN_FOLDER = 20;

  private static volatile Map<String, PagedStore.Client> clients = Map.of(); // by scheme

  private FileListing() {}

  /** Takes files one by one. */
  @FunctionalInterface
  public interface Visitor {
    /** Takes a file; returns whether it wants another. */
    boolean visit(Metadata file) throws IOException;
  }

  /**
   * Connects to paged stores as Beam sets up its file systems, on each machine and with the same
   * options. It adds no file system.
   */
  public static final class Registrar implements FileSystemRegistrar {
    @Override
    public Iterable<FileSystem<?>> fromOptions(PipelineOptions options) {
      Map<String, PagedStore.Client> connected = new HashMap<>();
      for (PagedStore store :
          ServiceLoader.load(PagedStore.class, ReflectHelpers.findClassLoader())) {
        connected.put(store.scheme(), store.connect(options));
      }
      clients = Map.copyOf(connected);
      return List.of();
    }
  }

  /**
   * Files of a paged store whose names begin alike.
   *
   * @param wanted of these; null for all
   */
  private record Place(
      PagedStore.Client client,
      String scheme,
      String bucket,
      String prefix,
      @Nullable Pattern wanted) {
    /** Returns where the files of a pattern are; empty if Beam lists them. */
    static Optional<Place> of(String pattern) {
      Optional<Place> named = ofFolder(pattern);
      Matcher wildcard = WILDCARD.matcher(named.map(Place::prefix).orElse(""));
      if (!wildcard.find()) {
        return Optional.empty();
      }
      return named.map(
          place ->
              new Place(
                  place.client,
                  place.scheme,
                  place.bucket,
                  place.prefix.substring(0, wildcard.start()),
                  Pattern.compile(FileSystemUtils.wildcardToRegexp(place.prefix), Pattern.DOTALL)));
    }

    /** Returns where the files below a folder are, whatever its name looks like. */
    static Optional<Place> ofFolder(String folder) {
      Matcher address = BUCKET.matcher(folder);
      PagedStore.@Nullable Client client = address.matches() ? clients.get(address.group(1)) : null;
      return client == null
          ? Optional.empty()
          : Optional.of(
              new Place(client, address.group(1), address.group(2), address.group(3), null));
    }

    PagedStore.Page page(boolean deep, @Nullable String next) throws IOException {
      try {
        return client.list(bucket, prefix, deep, next);
      } catch (IOException | RuntimeException e) {
        throw new StorageException(address(prefix), "read", e);
      }
    }

    /** Returns whether the visitor wants more. */
    boolean hand(PagedStore.Page page, Visitor visitor) throws IOException {
      for (PagedStore.Entry file : page.files()) {
        // Names that end in a slash stand for folders, in the stores' own consoles.
        if (!file.name().endsWith("/")
            && (wanted == null || wanted.matcher(file.name()).matches())
            && !visitor.visit(metadata(file))) {
          return false;
        }
      }
      return true;
    }

    /** Hands over all files below. */
    void handDeep(PagedStore.Page first, Visitor visitor) throws IOException {
      PagedStore.Page page = first;
      while (hand(page, visitor) && page.next() != null) {
        page = page(true, page.next());
      }
    }

    private Metadata metadata(PagedStore.Entry file) {
      Metadata.Builder metadata =
          Metadata.builder()
              .setResourceId(BeamFiles.remote(address(file.name())))
              .setSizeBytes(file.size())
              .setLastModifiedMillis(file.changed())
              .setIsReadSeekEfficient(true);
      String checksum = file.checksum();
      return (checksum == null ? metadata : metadata.setChecksum(checksum)).build();
    }

    private String address(String name) {
      return "%s://%s/%s".formatted(scheme, bucket, name);
    }

    /**
     * Lists the folder itself page by page.
     *
     * @return the folders in it
     */
    List<String> handShallow(Visitor visitor) throws IOException {
      List<String> folders = new ArrayList<>();
      @Nullable String next = null;
      do {
        PagedStore.Page page = page(false, next);
        hand(page, visitor);
        page.folders().forEach(folder -> folders.add(address(folder)));
        next = page.next();
      } while (next != null);
      return folders;
    }

    /** Returns whether most requests for the folders in this one would give many files. */
    boolean hasLargeFolders(PagedStore.Page page) {
      Set<String> folders = new HashSet<>();
      for (PagedStore.Entry file : page.files()) {
        int slash = file.name().indexOf('/', prefix.length());
        if (slash >= 0) {
          folders.add(file.name().substring(0, slash));
        }
      }
      return !folders.isEmpty() && folders.size() * LEAST_IN_FOLDER <= page.files().size();
    }
  }

  /** Returns whether files below a folder are listed page by page. */
  public static boolean isPaged(String folder) {
    return Place.ofFolder(folder).isPresent();
  }

  /**
   * Lists the files that a pattern matches.
   *
   * @throws StorageException if they cannot be listed, or the bucket does not exist
   */
  public static List<Metadata> of(String pattern) throws IOException {
    List<Metadata> files = new ArrayList<>();
    visit(pattern, files::add);
    return files;
  }

  /**
   * Hands over the files that a pattern matches, until the visitor wants no more.
   *
   * @throws StorageException if they cannot be listed, or the bucket does not exist
   */
  public static void visit(String pattern, Visitor visitor) throws IOException {
    Optional<Place> place = Place.of(pattern);
    if (place.isPresent()) {
      place.get().handDeep(place.get().page(true, null), visitor);
      return;
    }
    for (Metadata file : whole(pattern)) {
      if (!visitor.visit(file)) {
        return;
      }
    }
  }

  /**
   * Hands over all files below a folder in a paged store.
   *
   * @param folder with a slash at its end; it is no pattern
   * @throws StorageException if they cannot be listed, or the bucket does not exist
   */
  public static void visitFolder(String folder, Visitor visitor) throws IOException {
    Place place = Place.ofFolder(folder).orElseThrow();
    place.handDeep(place.page(true, null), visitor);
  }

  /**
   * Hands over the files below a folder in a paged store. If it has large folders, only the files
   * in itself are handed over.
   *
   * @param folder with a slash at its end; it is no pattern
   * @param visitor takes all files, whatever it returns
   * @return the folders in it whose files were not handed over; may be none
   * @throws StorageException if they cannot be listed, or the bucket does not exist
   */
  public static List<String> split(String folder, Visitor visitor) throws IOException {
    Place place = Place.ofFolder(folder).orElseThrow();
    Visitor all =
        file -> {
          visitor.visit(file);
          return true;
        };
    PagedStore.Page first = place.page(true, null);
    if (first.next() != null && place.hasLargeFolders(first)) {
      return place.handShallow(all);
    }
    place.handDeep(first, all);
    return List.of();
  }

  private static List<Metadata> whole(String pattern) throws IOException {
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

  private static List<Metadata> match(String pattern) throws IOException {
    try {
      checkFoldersOpen(pattern);
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
   * Makes sure that the local folders of a pattern can be listed. Beam takes one that cannot for an
   * empty one.
   */
  private static void checkFoldersOpen(String pattern) throws IOException {
    Matcher wildcard = WILDCARD.matcher(pattern);
    if (!wildcard.find()) {
      return;
    }
    int slash = pattern.lastIndexOf('/', wildcard.start());
    ResourceId folder =
        FileSystems.matchNewResource(slash < 0 ? "./" : pattern.substring(0, slash + 1), true);
    if (!folder.getScheme().equals("file") || !Files.isDirectory(Path.of(folder.toString()))) {
      return;
    }
    int depth =
        pattern.contains("**")
            ? Integer.MAX_VALUE
            : 1 + (int) pattern.substring(wildcard.start()).chars().filter(c -> c == '/').count();
    Files.walkFileTree(
        Path.of(folder.toString()),
        Set.of(),
        depth,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // it went meanwhile
            }
            throw e;
          }
        });
  }
}
