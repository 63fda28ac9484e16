package io.simclrbeam.pipelines.evaluate;

import static io.simclrbeam.pipelines.evaluate.EmbeddingFolder.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simclrbeam.model.TestRuns;
import io.simclrbeam.model.evaluate.Evaluation;
import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.evaluate.EmbeddingFolder.Image;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateJobTest {
  private static final String MONDAY = "20260105T000000Z";
  private static final String TUESDAY = "20260106T000000Z";
  private static final String WEDNESDAY = "20260107T000000Z";

  private final StringWriter out = new StringWriter();

  @TempDir Path temp;
  private EmbeddingFolder train;
  private EmbeddingFolder test;

  @BeforeEach
  void setUp() {
    train = new EmbeddingFolder(temp.resolve("train"));
    test = new EmbeddingFolder(temp.resolve("test"));
  }

  /** One query's only neighbor is of its class, the other's is not. */
  private void writeBoth() throws IOException {
    train.run("aaa", MONDAY, image("1", "cat", 1, 0), image("2", "dog", 0, 1));
    test.run(
        "aaa",
        MONDAY,
        image("a", "cat", 4, 1),
        image("b", "cat", 1, 3),
        image("c", "dog", 1, 2),
        image("d", "dog", 0, 1));
  }

  @Test
  void printsAndWritesTheEvaluation() throws IOException {
    writeBoth();
    Path output = temp.resolve("results/evaluation.json");

    EvaluateJob.run(args(output.toString()), new PrintWriter(out));

    Evaluation expected =
        Evaluation.of(
            LabeledEmbeddings.of(
                List.of("1", "2"), List.of("cat", "dog"), 2, new float[] {1, 0, 0, 1}),
            LabeledEmbeddings.of(
                List.of("a", "b", "c", "d"),
                List.of("cat", "cat", "dog", "dog"),
                2,
                new float[] {4, 1, 1, 3, 1, 2, 0, 1}),
            1,
            0.1,
            List.of(0.5));
    JsonNode results = new ObjectMapper().readTree(output.toFile());
    assertThat(results.get("knn_top1").doubleValue()).isEqualTo(0.75);
    assertThat(results.get("linear_top1").doubleValue()).isEqualTo(expected.linearTop1());
    assertThat(results.get("rankme").doubleValue()).isEqualTo(expected.rankme());
    assertThat(results.get("alignment").doubleValue()).isEqualTo(expected.alignment());
    assertThat(results.get("uniformity").doubleValue()).isEqualTo(expected.uniformity());
    assertThat(results.get("n_train").intValue()).isEqualTo(2);
    assertThat(results.get("n_test").intValue()).isEqualTo(4);
    assertThat(results.get("label_fractions").get(0).get("linear_top1").doubleValue())
        .isEqualTo(expected.labelFractions().get(0).linearTop1());
    assertThat(out.toString()).contains("    50 %         2  ");
    assertThat(results.get("model_id").textValue()).isEqualTo("aaa");
    assertThat(out.toString().lines())
        .contains(
            "model                      aaa",
            "training images              2",
            "test images                  4",
            "kNN top-1              75.00 %  95 % interval 25.0 to 100.0; 1 neighbor, temperature 0.1",
            "embedding std           0.3796  0.7071 if they spread evenly, 0 if they collapse",
            "2 classes, hardest first:",
            "       2    50.00 %    50.00 %  cat; 1 time dog")
        .last()
        .isEqualTo("The results are in %s.".formatted(output));
  }

  @Test
  void ofAnImageTheNewestRecordCounts() throws IOException {
    writeBoth();
    train.run("aaa", WEDNESDAY, image("1", "dog", 1, 0), image("2", "cat", 0, 1));
    train.run("aaa", TUESDAY, image("1", "horse", 1, 0), image("3", "horse", -5, -5));

    Evaluation evaluation = evaluate();

    assertThat(evaluation.trainSize()).isEqualTo(3);
    assertThat(evaluation.knnTop1()).isEqualTo(0.25);
  }

  @Test
  void deletedImagesDoNotCount() throws IOException {
    writeBoth();
    test.run("aaa", TUESDAY, new Image("b", null, null));

    Evaluation evaluation = evaluate();

    assertThat(evaluation.testSize()).isEqualTo(3);
    assertThat(evaluation.knnTop1()).isEqualTo(1);
  }

  @Test
  void unfinishedRunsAndOtherFilesAreNotRead() throws IOException {
    writeBoth();
    train.unfinishedRun("aaa", TUESDAY, "part-00000.avro", image("1", "dog", 1, 0));
    train.unfinishedRun("aaa", MONDAY, "rejects-00000.avro", image("2", "cat", 0, 1));

    assertThat(evaluate().knnTop1()).isEqualTo(0.75);
  }

  @Test
  void allPartsOfARunAreRead() throws IOException {
    writeBoth();
    TestRuns.publish(
        train.unfinishedRun("aaa", MONDAY, "part-00001.avro", image("3", "dog", 0, 2)));

    assertThat(evaluate().trainSize()).isEqualTo(3);
  }

  @Test
  void ofSeveralModelsTheNewestIsTaken() throws IOException {
    writeBoth();
    train.run("000", TUESDAY, image("1", "dog", 1, 0, 0), image("2", "cat", 0, 1, 0));
    test.run("000", TUESDAY, image("1", "dog", 1, 0, 0));

    assertThat(evaluate().testSize()).isEqualTo(1);
    assertThat(out.toString())
        .contains(
            "%s holds embeddings of several models. Taking 000, whose run is the newest, not aaa."
                .formatted(train));
  }

  @Test
  void modelsMustBeTheSame() throws IOException {
    writeBoth();
    test.run("bbb", TUESDAY, image("a", "cat", 1, 0));

    assertFails(
        ExitCode.USAGE,
        "%s holds embeddings of model aaa and %s of model bbb; embed both with the same model."
            .formatted(train, test));
  }

  @Test
  void everyImageNeedsALabel() throws IOException {
    writeBoth();
    test.run("aaa", TUESDAY, image("d", null, 0, 1));

    assertFails(
        ExitCode.UNUSABLE_INPUT,
        "There is no label of 1 of 4 images in %s. Embed them with --labels=folder."
            .formatted(test));
  }

  @Test
  void saysThatThereIsNoDataSet() {
    assertFails(
        ExitCode.UNUSABLE_INPUT,
        "--train: there is no embedding data set in %s; embed makes one".formatted(train));
  }

  @Test
  void saysThatNoRunIsFinished() throws IOException {
    train.unfinishedRun("aaa", MONDAY, "part-00000.avro", image("1", "cat", 1, 0));

    assertFails(
        ExitCode.UNUSABLE_INPUT,
        "--train: no run in %s is finished; wait for embed, or run it again if it failed"
            .formatted(train));
  }

  @Test
  void saysThatAllImagesAreDeleted() throws IOException {
    train.run("aaa", MONDAY, new Image("1", "cat", null));

    assertFails(
        ExitCode.UNUSABLE_INPUT,
        "--train: the finished runs in %s hold no images".formatted(train));
  }

  @Test
  void embeddingsMustBeOfOneSize() throws IOException {
    train.run("aaa", MONDAY, image("1", "cat", 1, 0), image("2", "dog", 1));

    assertFails(
        ExitCode.UNUSABLE_INPUT,
        ("--train: the embeddings of 1 and 2 in %s have 2 and 1 numbers, but must have equally"
                + " many")
            .formatted(train));
  }

  private EvaluateArgs args(@Nullable String output) {
    return new EvaluateArgs(train.toString(), test.toString(), 1, 0.1, List.of(0.5), null, output);
  }

  private Evaluation evaluate() throws IOException {
    return EvaluateJob.run(args(null), new PrintWriter(out));
  }

  private void assertFails(ExitCode exitCode, String message) {
    assertThatThrownBy(this::evaluate)
        .isInstanceOf(JobException.class)
        .hasMessage(message)
        .extracting(thrown -> ((JobException) thrown).exitCode())
        .isEqualTo(exitCode);
  }
}
