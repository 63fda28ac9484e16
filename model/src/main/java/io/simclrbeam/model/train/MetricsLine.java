package io.simclrbeam.model.train;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A logged step: a line of {@code metrics.jsonl}.
 *
 * @param step number of steps done, from 1
 * @param epoch passes over the data done, with fraction
 * @param loss NT-Xent of this step
 * @param contrastiveTop1 of this step, in 0..1
 * @param learningRate of this step
 * @param imagesPerSecond since the last logged step
 * @param embeddingStd of this step's normalized projections
 * @param gradientNorm of this step
 */
public record MetricsLine(
    long step,
    double epoch,
    double loss,
    double contrastiveTop1,
    double learningRate,
    @JsonProperty("images_per_s") double imagesPerSecond,
    double embeddingStd,
    @JsonProperty("grad_norm") double gradientNorm) {}
