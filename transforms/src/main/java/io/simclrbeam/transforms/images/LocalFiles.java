package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.storage.LocalPaths;
import io.simclrbeam.transforms.storage.StorageException;
import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lists what is below a local folder. Beam's own listing follows circles of symbolic links until
 * their paths are too long. Here links are followed, and each file is listed once. A link to what
 * is listed anyway is passed over. Of several links to a file elsewhere, the one with the smallest
 * id counts.
 */
final class LocalFiles extends SimpleFileVisitor<Path> {
  private final Path root;
  private final Path realRoot;
  private final int depth;
  private final Predicate<Path> wanted;
  private final int most;
  private final InputSpec.Listing listing;

  /** The folders that the walk is in, without links. */
  private final Deque<Path> realFolders = new ArrayDeque<>();

  /** Files that are somewhere else, by where they are. */
  private final Map<Path, Linked> linked = new HashMap<>();

  private record Linked(String id, String uri, long size, @Nullable String mark) {}

  LocalFiles(Path root, int depth, Predicate<Path> wanted, int most, InputSpec.Listing listing)
      throws IOException {
    this.root = root;
    this.realRoot = root.toRealPath();
    this.depth = depth;
    this.wanted = wanted;
    this.most = most;
    this.listing = listing;
  }

  /**
   * Lists the wanted files below a folder.
   *
   * @param depth of folders that are looked into: 1 for files in the folder itself
   * @param most files in the listing after which it ends
   */
  static void list(
      Path folder, int depth, Predicate<Path> wanted, int most, InputSpec.Listing listing)
      throws IOException {
    LocalFiles files = new LocalFiles(folder, depth, wanted, most, listing);
    Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth, files);
    for (Linked file : files.linked.values()) {
      listing.add(file.id, file.uri, file.size, file.mark);
    }
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
      throws IOException {
    if (!folder.equals(root) && listing.passedOver().takes(id(folder))) {
      return FileVisitResult.SKIP_SUBTREE;
    }
    realFolders.push(folder.equals(root) ? realRoot : real(folder));
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (wanted.test(file)) {
      if (attributes.isRegularFile()) {
        add(file, attributes.size(), FileMark.of(attributes));
      } else if (attributes.isSymbolicLink()) {
        listing.miss(id(file), LocalPaths.address(file), "the link leads to nothing");
      }
    }
    return listing.files().size() + linked.size() < most
        ? FileVisitResult.CONTINUE
        : FileVisitResult.TERMINATE;
  }

  private void add(Path file, long size, @Nullable String mark) throws IOException {
    String id = id(file);
    Path real = real(file);
    if (real.equals(realRoot.resolve(root.relativize(file))) || !listing.wouldAdd(id)) {
      listing.add(id, LocalPaths.address(file), size, mark);
    } else if (isListed(real)) {
      listing.passedOver().add(PassedOver.Kind.TWICE, id);
    } else {
      @Nullable Linked other = linked.get(real);
      if (other == null || id.compareTo(other.id) < 0) {
        linked.put(real, new Linked(id, LocalPaths.address(file), size, mark));
      }
      if (other != null) {
        listing.passedOver().add(PassedOver.Kind.TWICE, id.compareTo(other.id) < 0 ? other.id : id);
      }
    }
  }

  private Path real(Path path) throws IOException {
    return Files.isSymbolicLink(path)
        ? path.toRealPath()
        : Objects.requireNonNull(realFolders.peek()).resolve(path.getFileName());
  }

  /** Returns whether the walk comes to a file by its own name. */
  private boolean isListed(Path real) {
    if (!real.startsWith(realRoot)) {
      return false;
    }
    Path below = realRoot.relativize(real);
    Path path = root.resolve(below);
    return below.getNameCount() <= depth && wanted.test(path) && listing.wouldAdd(id(path));
  }

  /** What may be read but could not be now, as with too many open files, is no damage. */
  @Override
  public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
    if (e instanceof FileSystemLoopException) {
      return FileVisitResult.CONTINUE;
    }
    if (!(e instanceof AccessDeniedException) && Files.isReadable(path)) {
      throw new StorageException(LocalPaths.address(path), "listed", e);
    }
    listing.miss(id(path), LocalPaths.address(path), "it cannot be listed: " + e);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
      throws IOException {
    realFolders.pop();
    return e == null ? FileVisitResult.CONTINUE : visitFileFailed(folder, e);
  }

  private String id(Path path) {
    return LocalPaths.text(root.relativize(path)).replace(File.separatorChar, '/');
  }
}
