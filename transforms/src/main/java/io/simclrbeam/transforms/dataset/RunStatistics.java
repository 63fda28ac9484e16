package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The file that keeps the moments of a run's embeddings for the next run. */
final class RunStatistics {
  private static final String NAME = "_STATISTICS.safetensors";

  private RunStatistics() {}

  /** Keeps moments, unless they are of too few embeddings to be compared with. */
  static void write(FileStore run, Moments moments) throws IOException {
    if (isEnough(moments)) {
      run.write(NAME, out -> Safetensors.write(moments.toTensors(), out));
    }
  }

  private static boolean isEnough(Moments moments) {
    return moments.count() >= QualityGates.LEAST_EMBEDDINGS;
  }

  /**
   * Returns the moments of the newest finished run before another that has enough of them; null if
   * none has.
   */
  static @Nullable Moments before(RunSpec spec) throws IOException {
    for (DatasetRun run : DatasetRun.listOf(spec.dataset(), spec.modelId())) {
      if (run.name().compareTo(spec.name()) >= 0) {
        continue; // a step that is repeated after its run was published, or a later run
      }
      FileStore folder = new BeamFileStore(run.folder());
      if (folder.exists(NAME)) {
        try (InputStream in = folder.open(NAME)) {
          Moments moments = Moments.of(Safetensors.read(in));
          if (isEnough(moments)) { // earlier versions kept them all
            return moments;
          }
        }
      }
    }
    return null;
  }
}
