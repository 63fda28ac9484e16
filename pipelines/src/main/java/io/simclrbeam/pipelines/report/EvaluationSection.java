package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.evaluate.Evaluation;
import io.simclrbeam.pipelines.report.Report.EvaluationPart;
import io.simclrbeam.pipelines.report.Report.Fact;
import io.simclrbeam.pipelines.report.Report.LabelFraction;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How good the embeddings are, as {@code evaluate} has found. */
final class EvaluationSection {
  private EvaluationSection() {}

  static EvaluationPart of(Evaluation evaluation) {
    List<Fact> facts =
        List.of(
            new Fact(
                "kNN top-1",
                percent(evaluation.knnTop1()),
                "%s; %,d neighbors, temperature %s"
                    .formatted(
                        interval(evaluation.knnTop1Interval()),
                        evaluation.knnK(),
                        evaluation.knnTemperature())),
            new Fact(
                "linear top-1",
                percent(evaluation.linearTop1()),
                "%s; logistic regression%s"
                    .formatted(
                        interval(evaluation.linearTop1Interval()),
                        evaluation.linearConverged() ? "" : ", not converged")),
            new Fact(
                "RankMe",
                String.format(Locale.ROOT, "%.1f", evaluation.rankme()),
                "effective rank of the embeddings"),
            new Fact(
                "alpha-ReQ", number(evaluation.alphaReq()), "decay of the variances; best near 1"),
            new Fact("embedding std", number(evaluation.embeddingStd()), "0 if they collapse"),
            new Fact(
                "alignment", number(evaluation.alignment()), "within a class; lower is closer"),
            new Fact("uniformity", number(evaluation.uniformity()), "lower is more evenly spread"),
            new Fact(
                "images",
                "%,d".formatted(evaluation.testSize()),
                "tested; %,d to learn from".formatted(evaluation.trainSize())));
    return new EvaluationPart(
        facts,
        evaluation.classes(),
        evaluation.linearConfusion(),
        evaluation.labelFractions().stream()
            .map(
                few ->
                    new LabelFraction(
                        few.fraction(), few.trainSize(), few.knnTop1(), few.linearTop1()))
            .toList());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static String interval(Evaluation.Interval interval) {
    return String.format(
        Locale.ROOT, "95 %% interval %.1f to %.1f", 100 * interval.low(), 100 * interval.high());
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }
}
