package io.simclrbeam.transforms.training;

import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The models in training in this JVM. They live beside the DoFn, not in it: a runner may move a key
 * from one copy of a DoFn to another between two bundles.
 */
final class TrainingRuns {
  private static final Map<String, Entry> RUNS = new HashMap<>();

  private record Entry(String attempt, TrainingRun run) {}

  private TrainingRuns() {}

  /**
   * Returns the run of a model folder, from its newest checkpoint if this attempt has none yet.
   *
   * @param firstStep from which on there are batches. A run that stands before it was left behind:
   *     after a failure the runner trained elsewhere, and after another one it is back.
   */
  static synchronized TrainingRun open(TrainingSpec spec, long firstStep) throws IOException {
    Entry entry = RUNS.get(spec.folder());
    if (entry != null
        && entry.attempt.equals(spec.attempt())
        && entry.run.stepsDone() >= firstStep) {
      return entry.run;
    }
    close(spec);
    TrainingRun run =
        TrainingRun.resume(
            new BeamFileStore(spec.folder()),
            spec.settings(),
            spec.plan(),
            spec.checkpointSteps(),
            spec.lastStep(),
            ComputeDevice.resolve(spec.device()));
    RUNS.put(spec.folder(), new Entry(spec.attempt(), run));
    return run;
  }

  /** Frees the run of a model folder, if there is one. */
  static synchronized void close(TrainingSpec spec) {
    Entry entry = RUNS.remove(spec.folder());
    if (entry != null) {
      entry.run.close();
    }
  }
}
