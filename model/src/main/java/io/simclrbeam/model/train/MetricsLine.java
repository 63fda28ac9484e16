package io.simclrbeam.model.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.simclrbeam.model.evaluate.Probe;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A logged step: a line of {@code metrics.jsonl}. What the step has no number for is left out.
 *
 * @param step number of steps done, from 1
 * @param epoch passes over the data done, with fraction
 * @param loss NT-Xent of this step
 * @param contrastiveTop1 of this step, in 0..1
 * @param learningRate of this step
 * @param imagesPerSecond since the last logged step
 * @param embeddingStd of this step's normalized projections
 * @param gradientNorm of this step
 * @param probeImages of which the encoder's embeddings were looked at after this step; null, as the
 *     following, where there was no {@link Probe}
 * @param probeRankme of their embeddings
 * @param probeEmbeddingStd of their normalized embeddings
 * @param probeKnnTop1 in 0..1; also null without labels
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MetricsLine(
    long step,
    double epoch,
    double loss,
    double contrastiveTop1,
    double learningRate,
    @JsonProperty("images_per_s") double imagesPerSecond,
    double embeddingStd,
    @JsonProperty("grad_norm") double gradientNorm,
    @Nullable Integer probeImages,
    @Nullable Double probeRankme,
    @Nullable Double probeEmbeddingStd,
    @Nullable Double probeKnnTop1) {

  /** Returns what a probe has found, for people; empty where there was none. */
  public Optional<String> describeProbe() {
    if (probeRankme == null) {
      return Optional.empty();
    }
    String knn =
        probeKnnTop1 == null
            ? ""
            : String.format(Locale.ROOT, "kNN top-1 %.1f %%, ", 100 * probeKnnTop1);
    return Optional.of(
        knn
            + String.format(
                Locale.ROOT,
                "RankMe %.1f, std %.4f at step %d",
                probeRankme,
                probeEmbeddingStd,
                step));
  }

  /** Returns this with what a probe has found. */
  MetricsLine with(Probe probe) {
    return new MetricsLine(
        step,
        epoch,
        loss,
        contrastiveTop1,
        learningRate,
        imagesPerSecond,
        embeddingStd,
        gradientNorm,
        probe.images(),
        probe.rankme(),
        probe.embeddingStd(),
        probe.knnTop1());
  }
}
