package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lists what is below a local folder. Beam's own listing follows circles of symbolic links until
 * their paths are too long. Here links are followed, each path is listed once, and a link to a
 * folder that its own path goes through is left out.
 */
final class LocalFiles extends SimpleFileVisitor<Path> {
  private final Path root;
  private final Predicate<Path> wanted;
  private final int most;
  private final InputSpec.Listing listing;

  private LocalFiles(Path root, Predicate<Path> wanted, int most, InputSpec.Listing listing) {
    this.root = root;
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
    LocalFiles files = new LocalFiles(folder, wanted, most, listing);
    Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth, files);
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    return !folder.equals(root) && listing.passedOver().takes(id(folder))
        ? FileVisitResult.SKIP_SUBTREE
        : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    if (wanted.test(file)) {
      if (attributes.isRegularFile()) {
        listing.add(id(file), LocalPaths.address(file), attributes.size());
      } else if (attributes.isSymbolicLink()) {
        listing.miss(id(file), LocalPaths.address(file), "the link leads to nothing");
      }
    }
    return listing.files().size() < most ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path path, IOException e) {
    if (!(e instanceof FileSystemLoopException)) {
      listing.miss(id(path), LocalPaths.address(path), "it cannot be listed: " + e);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
    return e == null ? FileVisitResult.CONTINUE : visitFileFailed(folder, e);
  }

  private String id(Path path) {
    return LocalPaths.text(root.relativize(path)).replace(File.separatorChar, '/');
  }
}
