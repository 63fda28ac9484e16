package io.simclrbeam.model.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
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
 * @param knnTop1Interval 95 % interval of its bootstrap over the test images
 * @param linearTop1Interval likewise
 * @param alphaReq {@link AlphaReq} of the test embeddings, null if they have too few directions
 * @param embeddingStd mean over the axes of the standard deviation of the normalized test
 *     embeddings; near {@code 1 / sqrt(axes)} when they spread, near 0 after a collapse
 * @param classes of the test images, by label
 * @param linearConfusion the confusion matrix of the probe without its zeros, by label
 * @param labelFractions both classifiers with fewer training images, as asked for
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
    @JsonProperty("linear_converged") boolean linearConverged,
    @JsonProperty("knn_top1_interval") Interval knnTop1Interval,
    @JsonProperty("linear_top1_interval") Interval linearTop1Interval,
    @JsonProperty("alpha_req") @Nullable Double alphaReq,
    @JsonProperty("embedding_std") double embeddingStd,
    @JsonProperty("classes") List<ClassScore> classes,
    @JsonProperty("linear_confusion") List<Confusion> linearConfusion,
    @JsonProperty("label_fractions") List<LabelFraction> labelFractions) {

  /** What 95 % of the resamples of the bootstrap lie in. */
  public record Interval(@JsonProperty("low") double low, @JsonProperty("high") double high) {}

  /**
   * How often images of a class are taken for another, or for their own.
   *
   * @param label of the images
   * @param predicted what they are taken for
   * @param images number of them
   */
  public record Confusion(
      @JsonProperty("label") String label,
      @JsonProperty("predicted") String predicted,
      @JsonProperty("images") int images) {}

  /**
   * How well images of a class are told from others.
   *
   * @param label of the class
   * @param images of it in the test set
   * @param knnTop1 part of them whose class kNN predicts, in [0, 1]
   * @param linearTop1 part of them whose class the probe predicts, in [0, 1]
   */
  public record ClassScore(
      @JsonProperty("label") String label,
      @JsonProperty("images") int images,
      @JsonProperty("knn_top1") double knnTop1,
      @JsonProperty("linear_top1") double linearTop1) {}

  /**
   * How good classifiers are that know the labels of few images.
   *
   * @param fraction of the training images of each class that they know, in (0, 1)
   * @param trainSize number of these images; each class has one at least
   * @param knnTop1 accuracy of {@link KnnClassifier}, in [0, 1]
   * @param knnTop1Interval 95 % interval of its bootstrap over the test images
   * @param linearTop1 accuracy of {@link LinearProbe}, in [0, 1]
   * @param linearTop1Interval likewise
   */
  public record LabelFraction(
      @JsonProperty("fraction") double fraction,
      @JsonProperty("n_train") int trainSize,
      @JsonProperty("knn_top1") double knnTop1,
      @JsonProperty("knn_top1_interval") Interval knnTop1Interval,
      @JsonProperty("linear_top1") double linearTop1,
      @JsonProperty("linear_top1_interval") Interval linearTop1Interval) {
    static LabelFraction of(
        double fraction,
        LabeledEmbeddings train,
        LabeledEmbeddings test,
        int k,
        double temperature) {
      LabeledEmbeddings few = Split.fraction(train, fraction);
      Predictions near = Predictions.of(test, new KnnClassifier(few, k, temperature).predict(test));
      Predictions linear = Predictions.of(test, LinearProbe.fit(few).predict(test));
      return new LabelFraction(
          fraction, few.size(), near.top1(), near.interval(), linear.top1(), linear.interval());
    }
  }

  /**
   * Evaluates. The result is a function of the two sets: neither the order of their rows nor the
   * number of threads matters.
   *
   * @param train labeled embeddings to fit classifiers on
   * @param test labeled embeddings of the same model to try them on
   * @param k as in {@link KnnClassifier}
   * @param temperature as in {@link KnnClassifier}
   * @param labelFractions parts of the training images, in (0, 1), with which classifiers are
   *     fitted too. A smaller one is a part of a larger one. May be none
   * @throws IllegalArgumentException if a label is missing, the dimensions differ or a setting is
   *     out of its range
   */
  public static Evaluation of(
      LabeledEmbeddings train,
      LabeledEmbeddings test,
      int k,
      double temperature,
      List<Double> labelFractions) {
    test.requireDimension(train.dimension());
    LabeledEmbeddings sortedTrain = train.sortedById();
    LabeledEmbeddings sortedTest = test.sortedById();
    KnnClassifier knn = new KnnClassifier(sortedTrain, k, temperature);
    OptionalDouble alignment = Alignment.of(sortedTest);
    OptionalDouble uniformity = Uniformity.of(sortedTest);
    OptionalDouble alphaReq = AlphaReq.of(sortedTest);
    LinearProbe probe = LinearProbe.fit(sortedTrain);
    Predictions near = Predictions.of(sortedTest, knn.predict(sortedTest));
    Predictions linear = Predictions.of(sortedTest, probe.predict(sortedTest));
    return new Evaluation(
        near.top1(),
        linear.top1(),
        RankMe.of(sortedTest),
        alignment.isPresent() ? alignment.getAsDouble() : null,
        uniformity.isPresent() ? uniformity.getAsDouble() : null,
        train.size(),
        test.size(),
        knn.k(),
        temperature,
        probe.regularization(),
        probe.converged(),
        near.interval(),
        linear.interval(),
        alphaReq.isPresent() ? alphaReq.getAsDouble() : null,
        Probe.embeddingStd(sortedTest),
        linear.images().entrySet().stream()
            .map(
                images ->
                    new ClassScore(
                        images.getKey(),
                        images.getValue(),
                        near.recall(images.getKey()),
                        linear.recall(images.getKey())))
            .toList(),
        linear.confusions(),
        labelFractions.stream()
            .map(part -> LabelFraction.of(part, sortedTrain, sortedTest, k, temperature))
            .toList());
  }
}
