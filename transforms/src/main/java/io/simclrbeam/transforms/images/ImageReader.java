package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.transforms.images.ReadRequest.Result;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of images, in the order of their list. It reads ahead: many requests to an object
 * store are in flight at the same time, and neighbors in a file are one request. The calling thread
 * reads local files when it asks for them, which takes less time than to wake another.
 *
 * <p>Not for use by several threads.
 */
public final class ImageReader implements AutoCloseable {
  /** Max bytes that a reader holds before they are asked for. There is one reader for a core. */
  private static final long READ_AHEAD =
      Math.min(
          32 << 20,
          Runtime.getRuntime().maxMemory() / 8 / Runtime.getRuntime().availableProcessors());

  private static final Counter BYTES = Metrics.counter(ImageReader.class, "bytes_read");
  private static final Counter REQUESTS = Metrics.counter(ImageReader.class, "read_requests");
  private static final Counter CACHED =
      Metrics.counter(ImageReader.class, "images_read_from_cache");

  private final List<ImageRef> images;
  private final @Nullable EncodedImages cache;
  private final long readAhead;
  private final Executor threads;
  private final OpenFiles files;
  private final boolean counted;
  private final Deque<Part> ahead = new ArrayDeque<>();
  private Iterator<Result> results = Collections.emptyIterator();
  private long bytesAhead;
  private int planned;

  /**
   * Images that come together.
   *
   * @param request that gets them; null if they are in the cache
   * @param bytes of memory that they take
   * @param results of each image, as soon as they are there
   */
  private record Part(
      @Nullable ReadRequest request, long bytes, FutureTask<List<Result>> results) {}

  ImageReader(
      List<ImageRef> images, @Nullable EncodedImages cache, long readAhead, Executor threads) {
    this(images, cache, readAhead, threads, true);
  }

  private ImageReader(
      List<ImageRef> images,
      @Nullable EncodedImages cache,
      long readAhead,
      Executor threads,
      boolean counted) {
    this.images = List.copyOf(images);
    this.cache = cache;
    this.readAhead = readAhead;
    this.threads = threads;
    this.counted = counted;
    files = new OpenFiles(this.images);
  }

  /** Reads images that are needed once. */
  public static ImageReader of(List<ImageRef> images) {
    return new ImageReader(images, null, READ_AHEAD, ReadThreads.get());
  }

  /** Reads images after a job. Beam has no counters there, and complains of those who count. */
  public static ImageReader outsideJobs(List<ImageRef> images) {
    return new ImageReader(images, null, READ_AHEAD, ReadThreads.get(), false);
  }

  /**
   * Reads images that will be needed again. Remote ones stay in memory as far as there is room;
   * this machine's file system has a cache of its own.
   */
  public static ImageReader caching(List<ImageRef> images) {
    return new ImageReader(images, EncodedImages.SHARED, READ_AHEAD, ReadThreads.get());
  }

  /**
   * Returns the bytes of the next image of the list.
   *
   * @throws RejectedImageException if they are missing or damaged, or are not those that were
   *     indexed; the images after it can still be read
   * @throws IllegalStateException if the file system goes on failing, which says nothing of the
   *     image
   * @throws NoSuchElementException if there is no next image
   */
  public byte[] next() throws RejectedImageException {
    if (!results.hasNext()) {
      startReads();
      Part part = ahead.remove();
      bytesAhead -= part.bytes;
      results = finish(part).iterator();
    }
    return results.next().get();
  }

  private void startReads() {
    while (planned < images.size() && (ahead.isEmpty() || bytesAhead < readAhead)) {
      Part part = start();
      ahead.add(part);
      bytesAhead += part.bytes;
    }
  }

  private Part start() {
    ImageRef first = images.get(planned);
    byte @Nullable [] cached = cache == null ? null : cache.get(first);
    if (cached != null) {
      planned++;
      List<Result> results = List.of(Result.of(cached));
      return new Part(null, cached.length, new FutureTask<>(() -> results));
    }
    ReadRequest request = ReadRequest.startOf(images.subList(planned, images.size()));
    planned += request.images().size();
    Part part = new Part(request, request.bytes(), new FutureTask<>(() -> request.read(files)));
    if (!request.isLocal()) {
      threads.execute(part.results);
    }
    return part;
  }

  private List<Result> finish(Part part) {
    ReadRequest request = part.request;
    if (request == null || request.isLocal()) {
      part.results.run();
    }
    List<Result> read = get(part);
    if (request == null) {
      CACHED.inc();
    } else if (!request.isLocal() && cache != null) {
      for (int i = 0; i < read.size(); i++) {
        byte @Nullable [] bytes = read.get(i).bytes();
        if (bytes != null) {
          cache.put(request.images().get(i), bytes);
        }
      }
    }
    return read;
  }

  private static List<Result> get(Part part) {
    try {
      return part.results.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading images", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("reading images failed", e.getCause());
    }
  }

  /** Drops what was read ahead. */
  @Override
  public void close() {
    ahead.forEach(part -> part.results.cancel(false));
    ahead.clear();
    planned = images.size();
    results = Collections.emptyIterator();
    files.close();
    if (counted) {
      // Here, as a runner's counters know only the thread that works on the bundle.
      REQUESTS.inc(files.requests());
      BYTES.inc(files.bytes());
    }
  }
}
