package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

final class EvaluationTest {
  private static final LabeledEmbeddings TRAIN = TestEmbeddings.clouds(500, 12, 5, 1.5, 1);
  private static final LabeledEmbeddings TEST = TestEmbeddings.clouds(150, 12, 5, 1.5, 2);

  @Test
  void gathersTheMeasures() {
    Evaluation evaluation = Evaluation.of(TRAIN, TEST, 20, 0.1, List.of());
    LinearProbe probe = LinearProbe.fit(TRAIN);
    assertThat(evaluation)
        .isEqualTo(
            new Evaluation(
                new KnnClassifier(TRAIN, 20, 0.1).top1(TEST),
                probe.top1(TEST),
                RankMe.of(TEST),
                Alignment.of(TEST).getAsDouble(),
                Uniformity.of(TEST).getAsDouble(),
                500,
                150,
                20,
                0.1,
                probe.regularization(),
                true,
                said(new KnnClassifier(TRAIN, 20, 0.1).predict(TEST)).interval(),
                said(probe.predict(TEST)).interval(),
                AlphaReq.of(TEST).getAsDouble(),
                Probe.of(TEST).embeddingStd(),
                evaluation.classes(),
                said(probe.predict(TEST)).confusions(),
                List.of()));
    assertThat(evaluation.classes()).hasSize(5);
    assertThat(evaluation.classes())
        .extracting(Evaluation.ClassScore::label)
        .isSorted()
        .containsExactlyElementsOf(new TreeSet<>(TEST.labels()));
    assertThat(evaluation.classes().stream().mapToDouble(one -> one.images() * one.knnTop1()).sum())
        .isCloseTo(150 * evaluation.knnTop1(), within(1e-9));
    assertThat(
            evaluation.classes().stream().mapToDouble(one -> one.images() * one.linearTop1()).sum())
        .isCloseTo(150 * evaluation.linearTop1(), within(1e-9));
    assertThat(evaluation.knnTop1()).isBetween(0.5, 0.99);
    assertThat(evaluation.linearTop1()).isBetween(0.5, 0.99);
  }

  private static Predictions said(List<String> predicted) {
    return Predictions.of(TEST, predicted);
  }

  @Test
  void writesItsJson() throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    Evaluation evaluation = Evaluation.of(TRAIN, TEST, 1000, 0.07, List.of(0.1, 0.01));
    JsonNode json = mapper.valueToTree(evaluation);
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "knn_top1",
            "linear_top1",
            "rankme",
            "alignment",
            "uniformity",
            "n_train",
            "n_test",
            "knn_k",
            "knn_temperature",
            "linear_regularization",
            "linear_converged",
            "knn_top1_interval",
            "linear_top1_interval",
            "alpha_req",
            "embedding_std",
            "classes",
            "linear_confusion",
            "label_fractions");
    assertThat(json.get("knn_top1").doubleValue()).isEqualTo(evaluation.knnTop1());
    assertThat(json.get("n_train").intValue()).isEqualTo(500);
    assertThat(json.get("knn_k").intValue()).isEqualTo(500);
    assertThat(json.get("knn_temperature").doubleValue()).isEqualTo(0.07);
    assertThat(mapper.readValue(mapper.writeValueAsString(evaluation), Evaluation.class))
        .isEqualTo(evaluation);
  }

  /** Values of other programs: {@code golden_evaluation.py}. */
  @Test
  void agreesWithScikitLearn() throws Exception {
    JsonNode golden =
        new ObjectMapper().readTree(EvaluationTest.class.getResource("/golden/evaluation.json"));
    LabeledEmbeddings train = embeddings(golden, "train");
    LabeledEmbeddings test = embeddings(golden, "test");
    for (JsonNode fit : golden.get("knn")) {
      assertThat(
              new KnnClassifier(train, fit.get("k").intValue(), fit.get("temperature").asDouble())
                  .predict(test))
          .isEqualTo(labels(fit.get("predicted")));
    }
    for (JsonNode fit : golden.get("linear")) {
      List<String> predicted =
          LinearProbe.fit(train, fit.get("regularization").doubleValue()).predict(test);
      int clear = 0;
      for (int i = 0; i < predicted.size(); i++) {
        if (fit.get("clear").get(i).booleanValue()) {
          assertThat(predicted.get(i)).isEqualTo(labels(fit.get("predicted")).get(i));
          clear++;
        }
      }
      assertThat(clear).isGreaterThan(70);
    }
    Evaluation evaluation = Evaluation.of(train, test, 30, 0.07, List.of());
    assertThat(evaluation.rankme()).isCloseTo(golden.get("rankme").asDouble(), within(1e-9));
    assertThat(evaluation.alphaReq()).isCloseTo(golden.get("alpha_req").asDouble(), within(1e-9));
    assertThat(evaluation.embeddingStd())
        .isCloseTo(golden.get("embedding_std").asDouble(), within(1e-12));
    assertThat(evaluation.alignment()).isCloseTo(golden.get("alignment").asDouble(), within(1e-12));
    assertThat(evaluation.uniformity())
        .isCloseTo(golden.get("uniformity").asDouble(), within(1e-12));
  }

  private static LabeledEmbeddings embeddings(JsonNode golden, String set) {
    JsonNode rows = golden.get(set);
    float[][] vectors = new float[rows.size()][rows.get(0).size()];
    int[] classes = new int[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      classes[i] = golden.get(set + "_classes").get(i).intValue();
      for (int j = 0; j < vectors[i].length; j++) {
        vectors[i][j] = rows.get(i).get(j).floatValue();
      }
    }
    return TestEmbeddings.of(vectors, classes);
  }

  private static List<String> labels(JsonNode classes) {
    return StreamSupport.stream(classes.spliterator(), false)
        .map(c -> "class " + c.intValue())
        .toList();
  }

  @Test
  void fewLabelsAreAPartOfEachClass() {
    Evaluation.LabelFraction tenth =
        Evaluation.of(TRAIN, TEST, 20, 0.1, List.of(0.1)).labelFractions().get(0);
    LabeledEmbeddings few = Split.fraction(TRAIN, 0.1);
    LinearProbe probe = LinearProbe.fit(few);
    assertThat(tenth)
        .isEqualTo(
            new Evaluation.LabelFraction(
                0.1,
                few.size(),
                new KnnClassifier(few, 20, 0.1).top1(TEST),
                said(new KnnClassifier(few, 20, 0.1).predict(TEST)).interval(),
                probe.top1(TEST),
                said(probe.predict(TEST)).interval()));
    for (String label : new TreeSet<>(TRAIN.labels())) {
      int all = Collections.frequency(TRAIN.labels(), label);
      assertThat(Collections.frequency(few.labels(), label)).isEqualTo(Math.round(0.1 * all));
      assertThat(Split.fraction(TRAIN, 0.001).labels()).as("one at least").contains(label);
    }
    assertThat(few.ids()).containsAll(Split.fraction(TRAIN, 0.03).ids());
    assertThat(Split.fraction(reversed(TRAIN), 0.1).sortedById().ids())
        .isEqualTo(few.sortedById().ids());
    for (double wrong : new double[] {0, 1, -1, Double.NaN}) {
      assertThatThrownBy(() -> Split.fraction(TRAIN, wrong))
          .hasMessage("a fraction of the labels is above 0 and below 1, not " + wrong);
    }
  }

  @Test
  void writesNullForWhatIsUndefined() {
    Evaluation evaluation = Evaluation.of(TRAIN, TEST.select(new int[] {3}), 20, 0.1, List.of());
    JsonNode json = new ObjectMapper().valueToTree(evaluation);
    assertThat(json.get("alignment").isNull()).isTrue();
    assertThat(json.get("uniformity").isNull()).isTrue();
  }

  @Test
  void dependsNeitherOnRowOrderNorOnThreads() throws Exception {
    Evaluation expected = inPool(TRAIN, TEST, 1);
    assertThat(inPool(reversed(TRAIN), reversed(TEST), 5)).isEqualTo(expected);
  }

  private static Evaluation inPool(LabeledEmbeddings train, LabeledEmbeddings test, int threads)
      throws Exception {
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      return pool.submit(() -> Evaluation.of(train, test, 20, 0.1, List.of())).get();
    } finally {
      pool.shutdown();
    }
  }

  private static LabeledEmbeddings reversed(LabeledEmbeddings embeddings) {
    return embeddings.select(
        IntStream.range(0, embeddings.size()).map(i -> embeddings.size() - 1 - i).toArray());
  }

  @Test
  void refusesEmbeddingsOfDifferentModels() {
    LabeledEmbeddings other =
        LabeledEmbeddings.of(List.of("x"), List.of("class 1"), 2, new float[] {1, 2});
    assertThatThrownBy(() -> Evaluation.of(TRAIN, other, 20, 0.1, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("have 2 dimensions where 12 are needed");
  }
}
