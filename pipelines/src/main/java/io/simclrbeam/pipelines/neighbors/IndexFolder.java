package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.neighbors.HnswWriter;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.CurrentView;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Graphs of near images on the local disk, one for each model, made anew when the data set has
 * changed.
 */
final class IndexFolder {
  private static final Logger LOG = LoggerFactory.getLogger(IndexFolder.class);

  /** Changes when the files of a graph change, so that older graphs are made anew. */
  private static final String FORMAT = "hnsw1";

  private static final long LOG_NANOS = 10_000_000_000L;

  private final Path folder;

  private IndexFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Takes the folder that was asked for, or one beside the data set.
   *
   * @throws JobException if the data set is not on the local disk and no folder was asked for
   */
  static IndexFolder of(NeighborsArgs args) {
    if (args.index() != null) {
      return new IndexFolder(Path.of(args.index()));
    }
    String dataset = args.embeddings();
    if (dataset.contains("://")) {
      throw new JobException(
          ExitCode.USAGE,
          "%s is not on the local disk, where the graph of near images has to be. Give a folder for it with --index, or take --search=exact."
              .formatted(dataset));
    }
    return new IndexFolder(Path.of(dataset, "_hnsw"));
  }

  /** Opens the graph of a data set as it is now; makes it if it is not there. */
  IndexedImages open(CurrentView view) throws IOException {
    String prefix = "%s-%s-".formatted(FORMAT, view.model());
    Path index = folder.resolve(prefix + view.fingerprint().substring(0, 16));
    if (Files.isDirectory(index)) {
      LOG.info("The graph of near images in {} is up to date.", index);
    } else {
      make(view, index);
      deleteOthers(prefix, index);
    }
    return IndexedImages.open(index);
  }

  /** Writes under another name first, so that every graph that is there is whole. */
  private void make(CurrentView view, Path index) throws IOException {
    long start = System.nanoTime();
    Files.createDirectories(folder);
    Path unfinished = folder.resolve(".%s.%s".formatted(index.getFileName(), UUID.randomUUID()));
    AtomicLong images = new AtomicLong();
    try {
      write(view, unfinished, images);
      move(unfinished, index);
    } finally {
      delete(unfinished);
    }
    LOG.info(
        "Made a graph of {} in {} s, in {}.",
        Numbers.count(images.get(), "image"),
        String.format(Locale.ROOT, "%.1f", (System.nanoTime() - start) / 1e9),
        index);
  }

  private static void write(CurrentView view, Path folder, AtomicLong images) throws IOException {
    AtomicInteger dimension = new AtomicInteger();
    AtomicLong loggedAt = new AtomicLong(System.nanoTime());
    try (HnswWriter writer = new HnswWriter(folder)) {
      view.forEach(
          () ->
              image -> {
                dimension.compareAndSet(0, image.vector().length);
                ImageSearch.check(image, dimension.get());
                writer.add(image.id(), image.label(), image.uri(), image.vector());
                images.incrementAndGet();
                long last = loggedAt.get();
                long now = System.nanoTime();
                if (now - last > LOG_NANOS && loggedAt.compareAndSet(last, now)) {
                  LOG.info("{} images are in the graph.", images.get());
                }
              });
    }
  }

  private static void move(Path unfinished, Path index) throws IOException {
    try {
      Files.move(unfinished, index, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(unfinished, index);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(index)) { // else another process was faster
        throw e;
      }
    }
  }

  /** Deletes graphs of earlier states of the data set, and unfinished ones. */
  private void deleteOthers(String prefix, Path index) throws IOException {
    List<Path> all;
    try (Stream<Path> paths = Files.list(folder)) {
      all = paths.toList();
    }
    for (Path other : all) {
      String name = other.getFileName().toString();
      boolean earlier = name.startsWith(prefix) && !other.equals(index);
      boolean unfinished = name.startsWith("." + prefix);
      if (earlier || (unfinished && !HnswWriter.isWriting(other))) {
        delete(other);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> paths = Files.walk(folder)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
