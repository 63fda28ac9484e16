package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InputStream;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderRegistry;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.transforms.Combine;
import org.jspecify.annotations.Nullable;

/** The moments of a run's embeddings, and the file that keeps them for the next run. */
public final class RunStatistics {
  private static final String NAME = "_STATISTICS.safetensors";

  private RunStatistics() {}

  /** Combines embeddings into their moments. */
  public static Combine.CombineFn<Embedding, Moments, Moments> moments(int dimension) {
    return new MomentsFn(dimension);
  }

  static void write(FileStore run, Moments moments) throws IOException {
    run.write(NAME, out -> Safetensors.write(moments.toTensors(), out));
  }

  /** Returns the moments of the newest finished run that has enough of them; null if none has. */
  static @Nullable Moments ofLastRun(String dataset, String modelId) throws IOException {
    for (DatasetRun run : DatasetRun.listOf(dataset, modelId)) {
      FileStore folder = new BeamFileStore(run.folder());
      if (folder.exists(NAME)) {
        try (InputStream in = folder.open(NAME)) {
          Moments moments = Moments.of(Safetensors.read(in));
          if (moments.count() >= QualityGates.LEAST_EMBEDDINGS) {
            return moments;
          }
        }
      }
    }
    return null;
  }

  private static final class MomentsFn extends Combine.CombineFn<Embedding, Moments, Moments> {
    private static final long serialVersionUID = 1;
    private final int dimension;

    MomentsFn(int dimension) {
      this.dimension = dimension;
    }

    @Override
    public Moments createAccumulator() {
      return new Moments(dimension);
    }

    @Override
    public Moments addInput(Moments moments, Embedding embedding) {
      moments.add(embedding.vector());
      return moments;
    }

    @Override
    public Moments mergeAccumulators(Iterable<Moments> parts) {
      Moments whole = new Moments(dimension);
      parts.forEach(whole::merge);
      return whole;
    }

    @Override
    public Moments extractOutput(Moments moments) {
      return moments;
    }

    @Override
    public Coder<Moments> getAccumulatorCoder(CoderRegistry registry, Coder<Embedding> input) {
      return SerializableCoder.of(Moments.class);
    }

    @Override
    public Coder<Moments> getDefaultOutputCoder(CoderRegistry registry, Coder<Embedding> input) {
      return SerializableCoder.of(Moments.class);
    }
  }
}
