package io.simclrbeam.model.evaluate;

import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a classifier says of test images, beside their labels.
 *
 * @param labels of the images
 * @param predicted likewise, as the classifier says
 */
record Predictions(List<String> labels, List<String> predicted) {
  private static final int RESAMPLES = 1000;

  /** How many of the resamples are outside of the interval, at each end. */
  private static final int OUTSIDE = RESAMPLES * 25 / 1000;

  static Predictions of(LabeledEmbeddings test, List<String> predicted) {
    return new Predictions(test.labels().stream().map(Objects::requireNonNull).toList(), predicted);
  }

  /** Returns the part of the images whose class is predicted right, in [0, 1]. */
  double top1() {
    return (double) right() / labels.size();
  }

  private long right() {
    return IntStream.range(0, labels.size()).filter(this::isRight).count();
  }

  private boolean isRight(int image) {
    return labels.get(image).equals(predicted.get(image));
  }

  /**
   * Returns how much the accuracy depends on which test images there are: the percentile interval
   * of the bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section
   * 13.3), of 1,000 resamples. It says nothing of other training images or another run of training.
   */
  Evaluation.Interval interval() {
    int n = labels.size();
    long right = right();
    double[] accuracies =
        IntStream.range(0, RESAMPLES)
            .parallel()
            .mapToDouble(
                resample -> {
                  SeededRandom random = RandomStreams.of(0).stream(Purpose.BOOTSTRAP, resample);
                  // Which images are drawn does not matter, but how many of them are right.
                  long drawn = 0;
                  for (int i = 0; i < n; i++) {
                    drawn += random.nextLong(n) < right ? 1 : 0;
                  }
                  return (double) drawn / n;
                })
            .sorted()
            .toArray();
    return new Evaluation.Interval(accuracies[OUTSIDE], accuracies[RESAMPLES - 1 - OUTSIDE]);
  }

  /** Returns the number of images of each class. */
  SortedMap<String, Integer> images() {
    SortedMap<String, Integer> images = new TreeMap<>();
    labels.forEach(label -> images.merge(label, 1, Integer::sum));
    return images;
  }

  /** Returns the part of the images of a class whose class is predicted right, in [0, 1]. */
  double recall(String label) {
    int[] own =
        IntStream.range(0, labels.size()).filter(i -> labels.get(i).equals(label)).toArray();
    return (double) IntStream.of(own).filter(this::isRight).count() / own.length;
  }

  /** Returns the confusion matrix without its zeros, by label, the most frequent first. */
  List<Evaluation.Confusion> confusions() {
    Map<List<String>, Integer> counts = new HashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      counts.merge(List.of(labels.get(i), predicted.get(i)), 1, Integer::sum);
    }
    return counts.entrySet().stream()
        .map(
            entry ->
                new Evaluation.Confusion(
                    entry.getKey().get(0), entry.getKey().get(1), entry.getValue()))
        .sorted(
            Comparator.comparing(Evaluation.Confusion::label)
                .thenComparing(Comparator.comparingInt(Evaluation.Confusion::images).reversed())
                .thenComparing(Evaluation.Confusion::predicted))
        .toList();
  }
}
