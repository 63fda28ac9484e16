package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.images.ShardFormat.OpenFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The files that a list of images is read from. A file has as many channels as it has readers at
 * the same time. A channel is kept for the next reader while more images are to come from its file:
 * to open a file of an object store costs a request, but an idle channel may hold a connection.
 */
final class OpenFiles implements AutoCloseable {
  /**
   * Max channels that are kept idle, as processes may open few files. Beyond this, the one that was
   * idle for longest is closed.
   */
  private static final int MAX_IDLE = 32;

  private record Idle(String uri, OpenFile file) {}

  private final Deque<Idle> idle = new ArrayDeque<>();
  private final Map<String, Integer> imagesToCome = new HashMap<>();
  private final LongAdder requests = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private boolean closed;

  OpenFiles(List<ImageRef> images) {
    images.forEach(image -> imagesToCome.merge(image.uri(), 1, Integer::sum));
  }

  /** Reads neighbors. A channel on which a read failed is not used again. */
  List<byte[]> read(List<ImageRef> images) throws IOException {
    String uri = images.get(0).uri();
    requests.increment();
    @Nullable OpenFile file = take(uri);
    if (file == null) {
      file = ShardFormats.open(images.get(0));
    }
    boolean sound = false;
    try {
      List<byte[]> bytes = file.read(images);
      sound = true;
      bytesRead.add(new ReadRequest(images).bytes());
      return bytes;
    } finally {
      if (!sound || !keep(uri, file, images.size())) {
        close(file);
      }
    }
  }

  /** Returns the number of reads, those that failed included. */
  long requests() {
    return requests.sum();
  }

  /** Returns the number of bytes that were read. */
  long bytes() {
    return bytesRead.sum();
  }

  private synchronized @Nullable OpenFile take(String uri) {
    for (Iterator<Idle> newest = idle.descendingIterator(); newest.hasNext(); ) {
      Idle candidate = newest.next();
      if (candidate.uri.equals(uri)) {
        newest.remove();
        return candidate.file;
      }
    }
    return null;
  }

  /** Returns whether the file was taken over. */
  private synchronized boolean keep(String uri, OpenFile file, int images) {
    int left = imagesToCome.merge(uri, -images, Integer::sum);
    if (left <= 0) {
      idle.removeIf(other -> other.uri.equals(uri) && close(other.file));
    }
    if (left <= 0 || closed) {
      return false;
    }
    if (idle.size() == MAX_IDLE) {
      close(idle.removeFirst().file);
    }
    idle.addLast(new Idle(uri, file));
    return true;
  }

  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(each -> close(each.file));
    idle.clear();
  }

  /** Closes a file; returns true. */
  private static boolean close(OpenFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // It was open for reading only: nothing is lost.
    }
    return true;
  }
}
