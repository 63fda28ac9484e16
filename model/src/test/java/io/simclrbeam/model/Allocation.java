package io.simclrbeam.model;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** How much of the heap a piece of work takes. */
public final class Allocation {
  private static final int WARM_UP = 2_000;
  private static final int MEASURED = 500;

  private Allocation() {}

  /** Work that may fail. */
  public interface Work {
    void run() throws Exception;
  }

  /** Returns the bytes that a run allocates on average, after many that are not counted. */
  public static long bytesPerRun(Work work) throws Exception {
    for (int i = 0; i < WARM_UP; i++) {
      work.run();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < MEASURED; i++) {
      work.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / MEASURED;
  }
}
