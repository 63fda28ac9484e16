package io.simclrbeam.transforms.training;

import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.train.StepStatistics;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models in training in this JVM. They live beside the DoFn, not in it: a runner may move a key
 * from one copy of a DoFn to another between two bundles. The key's state says which model is its
 * own, so that two attempts at a job in one JVM don't share one.
 */
final class TrainingRuns {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRuns.class);

  /** By the holder of the lease. */
  private static final Map<String, Held> RUNS = new HashMap<>();

  /** Jobs that are stopped, as the process is ending. */
  private static final Set<String> STOPPED = new HashSet<>();

  private static boolean watchesEnd;

  /** How many copies of the DoFn there are, by job. */
  private static final Map<String, Integer> COPIES = new HashMap<>();

  private TrainingRuns() {}

  /**
   * A model in training.
   *
   * @param run that trains it
   * @param lease for the folder that it is saved in
   */
  record Held(TrainingRun run, TrainingLease lease) implements AutoCloseable {
    /** Returns what finds it again. */
    String key() {
      return lease.holder();
    }

    /** Frees it, once, after the step that it may be at. What was not saved is lost. */
    @Override
    public synchronized void close() {
      if (isOpen()) {
        synchronized (RUNS) {
          RUNS.remove(key());
        }
        lease.close();
        run.close();
      }
    }

    private boolean isOpen() {
      synchronized (RUNS) {
        return RUNS.containsKey(key());
      }
    }

    /**
     * Saves it, unless another worker has taken over, and frees it. So a job that is canceled loses
     * no step, nor does one whose runner removes all copies of the DoFn between two bundles.
     */
    private synchronized void park() {
      try {
        if (isOpen() && !lease.isReplaced()) {
          run.save();
        }
      } catch (IOException | RuntimeException e) {
        LOG.warn("The steps since the last checkpoint are lost: {}", e.getMessage());
      } finally {
        close();
      }
    }

    private synchronized void stop() {
      if (isOpen()) {
        park();
        LOG.info(
            "Stopped at step {} of {}; the same command goes on.", run.stepsDone(), run.steps());
      }
    }

    /** Does the next step. In a process that is ending, this waits for the end instead. */
    synchronized StepStatistics step(List<ByteBuffer> views, long[] classes) throws IOException {
      waitIfStopped(lease.job(), this);
      return run.step(views, classes);
    }
  }

  /**
   * Stops a job in a process that is ending, after the step that it is at: saves the models that
   * this JVM trains. Nothing of the job goes on here; its threads wait for the end.
   *
   * @return whether there are such
   */
  static boolean stop(String job) {
    List<Held> stopped;
    synchronized (RUNS) {
      STOPPED.add(job);
      stopped = RUNS.values().stream().filter(held -> held.lease.job().equals(job)).toList();
    }
    stopped.forEach(Held::stop);
    return !stopped.isEmpty();
  }

  private static void stopAll() {
    Set<String> jobs;
    synchronized (RUNS) {
      jobs = RUNS.values().stream().map(held -> held.lease.job()).collect(Collectors.toSet());
    }
    jobs.forEach(TrainingRuns::stop);
  }

  /** Waits for the end of the process, and lets go of the lock meanwhile. */
  private static void waitIfStopped(String job, Object lock) throws InterruptedIOException {
    synchronized (lock) {
      while (isStopped(job)) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("training was stopped");
        }
      }
    }
  }

  private static boolean isStopped(String job) {
    synchronized (RUNS) {
      return STOPPED.contains(job);
    }
  }

  /** Returns whether a step should not take longer than it must. */
  private static boolean isToEnd(String job, TrainingLease lease) {
    return isStopped(job) || lease.isReplaced() || Thread.currentThread().isInterrupted();
  }

  /** Says that there is one more copy of the DoFn of a job. */
  static void join(TrainingSpec spec) {
    synchronized (RUNS) {
      COPIES.merge(spec.job(), 1, Integer::sum);
    }
  }

  /** Says that a copy of the DoFn is gone. The last one leaves no model behind. */
  static void leave(TrainingSpec spec) {
    List<Held> left;
    synchronized (RUNS) {
      boolean last = COPIES.merge(spec.job(), -1, Integer::sum) == 0;
      if (last) {
        COPIES.remove(spec.job());
      }
      left =
          RUNS.values().stream()
              .filter(held -> held.lease.job().equals(spec.job()))
              .filter(held -> last || held.lease.isReplaced())
              .toList();
    }
    left.forEach(Held::park);
  }

  /**
   * Returns a model in training, from the newest checkpoint if it is not in this JVM.
   *
   * @param key of the model that was used last; null if there was none
   * @param firstStep from which on there are batches. A run that stands before it was left behind:
   *     after a failure the runner trained elsewhere, and after another one it is back.
   */
  static Held open(TrainingSpec spec, @Nullable String key, long firstStep) throws IOException {
    waitIfStopped(spec.job(), RUNS);
    @Nullable Held known;
    synchronized (RUNS) {
      known = key == null ? null : RUNS.get(key);
    }
    if (known != null) {
      boolean replaced = known.lease.isReplaced();
      if (!replaced && known.run.stepsDone() >= firstStep) {
        return known;
      }
      known.close();
      if (replaced) {
        known.lease.check(); // which says by whom
      }
    }
    BeamFileStore folder = new BeamFileStore(spec.folder());
    TrainingLease lease = TrainingLease.take(folder, spec.job());
    try {
      TrainingRun run =
          TrainingRun.resume(
              folder,
              spec.settings(),
              spec.plan(),
              spec.checkpoints(),
              spec.lastStep(),
              ComputeDevice.use(spec.device()),
              lease);
      run.probe(spec.probes(), new ProbeImages(spec, () -> isToEnd(spec.job(), lease)));
      Held held = new Held(run, lease);
      synchronized (RUNS) {
        RUNS.put(held.key(), held);
        if (!watchesEnd) {
          watchesEnd = true;
          LoadedProgram.onEnd(TrainingRuns::stopAll);
        }
      }
      return held;
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }
}
