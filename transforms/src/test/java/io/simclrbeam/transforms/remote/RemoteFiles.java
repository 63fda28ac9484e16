package io.simclrbeam.transforms.remote;

import io.simclrbeam.transforms.storage.NoWaiting;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/**
 * Files in memory that {@code slow://} serves as an object store does: it counts what it is asked
 * for, can fail, and can hold requests back. There is one such store; {@link #clear} begins a test.
 * Those of {@code paged://} are listed page by page.
 */
public final class RemoteFiles {
  static final Map<String, byte[]> FILES = new ConcurrentHashMap<>();
  static final AtomicInteger OPENED = new AtomicInteger();
  static final AtomicInteger REQUESTS = new AtomicInteger();
  static final AtomicLong BYTES = new AtomicLong();

  /** Of this test: what is left of an earlier one does not count. */
  static volatile AtomicInteger openNow = new AtomicInteger();

  static volatile int pageSize = 1000;
  static final AtomicInteger PAGES = new AtomicInteger();

  static volatile BeforeRead beforeRead = (uri, from, to) -> {};

  /** Sees each request for the bytes from one position to another before it is served. */
  @FunctionalInterface
  public interface BeforeRead {
    /** Returns at once, or when it likes, or throws. */
    void read(String uri, long from, long to) throws Exception;
  }

  private RemoteFiles() {}

  /** Forgets all files, counts and failures. */
  public static void clear() {
    FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
    NoWaiting.begin();
    FILES.clear();
    resetCounts();
    openNow = new AtomicInteger();
    beforeRead = (uri, from, to) -> {};
    pageSize = 1000;
  }

  public static void resetCounts() {
    OPENED.set(0);
    REQUESTS.set(0);
    BYTES.set(0);
    PAGES.set(0);
  }

  /** Stores a file that is listed page by page. */
  public static String putPaged(String name, byte[] bytes) {
    FILES.put("paged://" + name, bytes);
    return "paged://" + name;
  }

  /** Sets how many files and folders a page has. */
  public static void pageSize(int size) {
    pageSize = size;
  }

  /** Returns how many pages were listed. */
  public static int pages() {
    return PAGES.get();
  }

  /** Stores a file under a name such as {@code a/b.png}; returns its URI. */
  public static String put(String name, byte[] bytes) {
    FILES.put("slow://" + name, bytes);
    return "slow://" + name;
  }

  public static void beforeRead(BeforeRead hook) {
    beforeRead = hook;
  }

  /** Returns how many times a file was opened. */
  public static int opened() {
    return OPENED.get();
  }

  /** Returns how many channels are open. */
  public static int openNow() {
    return openNow.get();
  }

  public static int requests() {
    return REQUESTS.get();
  }

  public static long bytes() {
    return BYTES.get();
  }
}
