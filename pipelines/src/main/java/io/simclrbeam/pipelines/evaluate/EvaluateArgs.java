package io.simclrbeam.pipelines.evaluate;

import io.simclrbeam.transforms.dataset.AsOf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code evaluate} was asked for. Values are in range.
 *
 * @param train folder of the embedding data set that classifiers are fitted on
 * @param test folder of the one they are tried on
 * @param knn neighbors that vote
 * @param knnTemperature of their votes
 * @param labelFractions parts of the training images that classifiers are fitted on too
 * @param asOf when the data sets are read as of; null for now
 * @param output JSON file for the results, or null
 */
public record EvaluateArgs(
    String train,
    String test,
    int knn,
    double knnTemperature,
    List<Double> labelFractions,
    @Nullable AsOf asOf,
    @Nullable String output) {}
