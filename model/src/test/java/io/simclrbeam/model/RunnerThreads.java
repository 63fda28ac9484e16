package io.simclrbeam.model;

import java.time.Duration;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Ends no test before the threads of Beam's direct runner. Once a bundle has failed, others may
 * still be at work, or even begin. They would write to folders that the test is about to delete.
 * JUnit finds this by itself.
 */
public final class RunnerThreads implements AfterEachCallback, AfterAllCallback {
  private static final String NAME = "direct-runner-worker";

  /** Far above what a bundle takes; a hang is then a failed test. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @Override
  public void afterEach(ExtensionContext test) throws InterruptedException {
    await();
  }

  @Override
  public void afterAll(ExtensionContext tests) throws InterruptedException {
    await();
  }

  private static void await() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals(NAME)) {
        thread.join(PATIENCE.toMillis());
        if (thread.isAlive()) {
          throw new IllegalStateException("a bundle of the direct runner does not end");
        }
      }
    }
  }
}
