package io.simclrbeam.runners.spark;

import java.util.List;
import org.apache.beam.runners.spark.SparkPipelineResult;
import org.apache.beam.runners.spark.SparkRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineRunner;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.runners.AppliedPTransform;
import org.apache.beam.sdk.runners.PTransformOverride;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.util.construction.PTransformMatchers;
import org.apache.beam.sdk.util.construction.PTransformReplacements;
import org.apache.beam.sdk.util.construction.SingleInputOutputOverrideFactory;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;

/**
 * Beam's Spark runner with another {@link Reshuffle}. Spark's own spreads elements without regard
 * to their keys. But Beam's file sinks give the files of all workers one key, and rely on finding
 * them together. Otherwise each worker numbers its files from 0, and of those with the same name
 * only the last is left. Here a reshuffle groups by key, like the composite that it is on other
 * runners.
 */
public final class KeyedSparkRunner extends PipelineRunner<SparkPipelineResult> {
  private final SparkRunner spark;

  private KeyedSparkRunner(SparkRunner spark) {
    this.spark = spark;
  }

  /** Creates a runner; Beam calls this by its name. */
  public static KeyedSparkRunner fromOptions(PipelineOptions options) {
    return new KeyedSparkRunner(SparkRunner.fromOptions(options));
  }

  @Override
  public SparkPipelineResult run(Pipeline pipeline) {
    pipeline.replaceAll(
        List.of(
            PTransformOverride.of(
                PTransformMatchers.classEqualTo(Reshuffle.class), new Grouping<>())));
    return spark.run(pipeline);
  }

  private static final class Grouping<K, V>
      extends SingleInputOutputOverrideFactory<
          PCollection<KV<K, V>>, PCollection<KV<K, V>>, Reshuffle<K, V>> {
    @Override
    public PTransformReplacement<PCollection<KV<K, V>>, PCollection<KV<K, V>>>
        getReplacementTransform(
            AppliedPTransform<PCollection<KV<K, V>>, PCollection<KV<K, V>>, Reshuffle<K, V>>
                reshuffle) {
      return PTransformReplacement.of(
          PTransformReplacements.getSingletonMainInput(reshuffle),
          new GroupingReshuffle<>(reshuffle.getTransform()));
    }
  }

  /** The parts of a reshuffle, in a class that the Spark runner does not know. */
  private static final class GroupingReshuffle<K, V>
      extends PTransform<PCollection<KV<K, V>>, PCollection<KV<K, V>>> {
    private static final long serialVersionUID = 1;

    private final Reshuffle<K, V> reshuffle;

    GroupingReshuffle(Reshuffle<K, V> reshuffle) {
      this.reshuffle = reshuffle;
    }

    @Override
    public PCollection<KV<K, V>> expand(PCollection<KV<K, V>> elements) {
      return reshuffle.expand(elements);
    }
  }
}
