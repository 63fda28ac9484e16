package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the gates judge. A run of few embeddings is judged together with those before it, back to
 * the last run that was judged. The run that makes them enough keeps the moments of all of them, in
 * {@code _STATISTICS.safetensors}, for the runs after it.
 *
 * @param moments of this run's embeddings, and of those of the small runs right before it
 * @param runs how many runs that is
 * @param isNothingNew whether this run has no embedding of its own
 * @param before moments that the last run before these has kept; null if there is none
 */
record RunStatistics(Moments moments, int runs, boolean isNothingNew, @Nullable Moments before) {
  private static final Logger LOG = LoggerFactory.getLogger(RunStatistics.class);
  static final String NAME = "_STATISTICS.safetensors";

  /** Collects what a run is judged by. */
  static RunStatistics of(RunSpec spec, Moments own) throws IOException {
    Moments moments = new Moments(own.dimension());
    own.parts().forEach(moments::merge);
    int runs = 1;
    for (DatasetRun run : DatasetRun.listOf(spec.dataset(), spec.modelId())) {
      if (run.name().compareTo(spec.name()) >= 0) {
        continue; // a step that is repeated after its run was published, or a later run
      }
      Moments kept = run.kept(NAME, Moments::of);
      if (kept != null && isEnough(kept)) {
        return new RunStatistics(moments, runs, own.count() == 0, kept);
      }
      if (!isEnough(own)) {
        Moments few = kept != null ? kept : few(run, own.dimension()); // earlier versions kept few
        if (few.count() > 0) {
          few.parts().forEach(moments::merge);
          runs++;
        }
      }
    }
    return new RunStatistics(moments, runs, own.count() == 0, null);
  }

  /** Keeps the moments for later runs, unless they are of too few embeddings. */
  void keep(FileStore run) throws IOException {
    if (!isNothingNew && isEnough(moments)) {
      run.write(NAME, out -> Safetensors.write(moments.toTensors(), out));
    }
  }

  private static boolean isEnough(Moments moments) {
    return moments.count() >= QualityGates.LEAST_EMBEDDINGS;
  }

  /** Returns the moments of the embeddings that a small run made; empty if they are not known. */
  private static Moments few(DatasetRun run, int dimension) {
    Moments moments = new Moments(dimension);
    try {
      RunManifest manifest = RunManifest.read(new BeamFileStore(run.folder()));
      if (manifest.counts().embedded() == 0
          || manifest.counts().embedded() >= QualityGates.LEAST_EMBEDDINGS) {
        return moments;
      }
      // Updated records have vectors that an earlier run made, and its time.
      @Nullable Long madeAt =
          manifest.counts().updated() == 0 || manifest.startedAt() == null
              ? null
              : Instant.parse(manifest.startedAt()).toEpochMilli();
      for (PartFile part : run.parts()) {
        part.read(
            record -> {
              float[] vector = EmbeddingRecord.vector(record);
              if (vector != null && (madeAt == null || madeAt.equals(record.get("embedded_at")))) {
                moments.add(vector);
              }
            });
      }
    } catch (IOException e) {
      LOG.warn("Gates judge without the embeddings of {}, which cannot be read.", run.folder(), e);
      return new Moments(dimension);
    }
    return moments;
  }
}
