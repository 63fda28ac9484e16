package io.simclrbeam.model.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How good the embeddings of a model are: classifiers fitted on a training set and tried on a test
 * set, and the geometry of the test set.
 *
 * @param knnTop1 accuracy of {@link KnnClassifier}, in [0, 1]
 * @param linearTop1 accuracy of {@link LinearProbe}, in [0, 1]
 * @param rankme {@link RankMe} of the test embeddings
 * @param alignment {@link Alignment} of the test embeddings, null if no class has two of them
 * @param uniformity {@link Uniformity} of the test embeddings, null if there is only one
 * @param trainSize number of training embeddings
 * @param testSize number of test embeddings
 * @param knnK neighbors that voted: as asked for, or all training images if they are fewer
 * @param knnTemperature temperature of their votes
 * @param linearRegularization weight of the L2 penalty that the probe chose
 * @param linearConverged whether its fit reached {@link LinearProbe#GRADIENT_TOLERANCE}
 */
public record Evaluation(
    @JsonProperty("knn_top1") double knnTop1,
    @JsonProperty("linear_top1") double linearTop1,
    @JsonProperty("rankme") double rankme,
    @JsonProperty("alignment") @Nullable Double alignment,
    @JsonProperty("uniformity") @Nullable Double uniformity,
    @JsonProperty("n_train") int trainSize,
    @JsonProperty("n_test") int testSize,
    @JsonProperty("knn_k") int knnK,
    @JsonProperty("knn_temperature") double knnTemperature,
    @JsonProperty("linear_regularization") double linearRegularization,
    @JsonProperty("linear_converged") boolean linearConverged) {

  /**
   * Evaluates. The result is a function of the two sets: neither the order of their rows nor the
   * number of threads matters.
   *
   * @param train labeled embeddings to fit classifiers on
   * @param test labeled embeddings of the same model to try them on
   * @param k as in {@link KnnClassifier}
   * @param temperature as in {@link KnnClassifier}
   * @throws IllegalArgumentException if a label is missing, the dimensions differ or a setting is
   *     out of its range
   */
  public static Evaluation of(
      LabeledEmbeddings train, LabeledEmbeddings test, int k, double temperature) {
    test.requireDimension(train.dimension());
    LabeledEmbeddings sortedTrain = train.sortedById();
    LabeledEmbeddings sortedTest = test.sortedById();
    KnnClassifier knn = new KnnClassifier(sortedTrain, k, temperature);
    OptionalDouble alignment = Alignment.of(sortedTest);
    OptionalDouble uniformity = Uniformity.of(sortedTest);
    LinearProbe probe = LinearProbe.fit(sortedTrain);
    return new Evaluation(
        knn.top1(sortedTest),
        probe.top1(sortedTest),
        RankMe.of(sortedTest),
        alignment.isPresent() ? alignment.getAsDouble() : null,
        uniformity.isPresent() ? uniformity.getAsDouble() : null,
        train.size(),
        test.size(),
        knn.k(),
        temperature,
        probe.regularization(),
        probe.converged());
  }
}
