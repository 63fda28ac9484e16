package io.simclrbeam.transforms.images;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that wait for object stores, shared by all that read in this JVM. */
final class ReadThreads {
  /** Requests in flight. At 30 ms each they bring in about 1000 images a second. */
  static final int COUNT = 32;

  private static final ThreadPoolExecutor EXECUTOR =
      new ThreadPoolExecutor(
          COUNT, COUNT, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), ReadThreads::create);

  static {
    // Idle threads end, lest they keep the class loader of a finished job on a cluster.
    EXECUTOR.allowCoreThreadTimeOut(true);
  }

  private ReadThreads() {}

  static Executor get() {
    return EXECUTOR;
  }

  private static Thread create(Runnable work) {
    Thread thread = new Thread(work, "read-images");
    thread.setDaemon(true);
    return thread;
  }
}
