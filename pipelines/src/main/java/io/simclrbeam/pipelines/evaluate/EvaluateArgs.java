package io.simclrbeam.pipelines.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * What {@code evaluate} was asked for. Values are in range.
 *
 * @param train folder of the embedding data set that classifiers are fitted on
 * @param test folder of the one they are tried on
 * @param knn neighbors that vote
 * @param knnTemperature of their votes
 * @param output JSON file for the results, or null
 */
public record EvaluateArgs(
    String train, String test, int knn, double knnTemperature, @Nullable String output) {}
