package io.simclrbeam.pipelines.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.evaluate.Evaluation;
import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.dataset.CurrentViews;
import io.simclrbeam.transforms.dataset.AsOf;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.beam.sdk.io.FileSystems;
import org.jspecify.annotations.Nullable;

/** Says how good the embeddings of a model are. Runs in this process, without a pipeline. */
public final class EvaluateJob {
  private static final int MOST_CLASSES = 20;

  private EvaluateJob() {}

  private record Dataset(String model, LabeledEmbeddings embeddings) {}

  /**
   * Prints and returns the results, and writes them if a file is asked for.
   *
   * @throws JobException if a data set is missing, has images without label, or is another model's
   * @throws IOException if reading or writing fails
   */
  public static Evaluation run(EvaluateArgs args, PrintWriter out) throws IOException {
    Dataset train = read("--train", args.train(), args.asOf(), out);
    Dataset test = read("--test", args.test(), args.asOf(), out);
    if (!train.model().equals(test.model())) {
      throw new JobException(
          ExitCode.USAGE,
          "%s holds embeddings of model %s and %s of model %s; embed both with the same model."
              .formatted(args.train(), train.model(), args.test(), test.model()));
    }
    Evaluation evaluation =
        Evaluation.of(
            train.embeddings(),
            test.embeddings(),
            args.knn(),
            args.knnTemperature(),
            args.labelFractions());
    print(evaluation, train, out);
    String output = args.output();
    if (output != null) {
      write(evaluation, train.model(), output);
      out.printf("The results are in %s.%n", output);
    }
    return evaluation;
  }

  private static Dataset read(String option, String folder, @Nullable AsOf asOf, PrintWriter out)
      throws IOException {
    CurrentView view = CurrentViews.newest(option, folder, asOf, out::println);
    LabeledEmbeddings embeddings;
    try {
      embeddings = view.load();
    } catch (FileNotFoundException | IllegalArgumentException e) {
      throw new JobException(ExitCode.UNUSABLE_INPUT, "%s: %s".formatted(option, e.getMessage()));
    }
    long unlabeled = embeddings.labels().stream().filter(Objects::isNull).count();
    if (unlabeled > 0) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "There is no label of %s in %s. Embed them with --labels=folder."
              .formatted(Numbers.part(unlabeled, embeddings.size(), "image"), folder));
    }
    return new Dataset(view.model(), embeddings);
  }

  private static void print(Evaluation evaluation, Dataset train, PrintWriter out) {
    row(out, "model", train.model(), "");
    row(out, "training images", Integer.toString(evaluation.trainSize()), "");
    row(out, "test images", Integer.toString(evaluation.testSize()), "");
    row(
        out,
        "kNN top-1",
        percent(evaluation.knnTop1()),
        "%s; %s, temperature %s"
            .formatted(
                interval(evaluation.knnTop1Interval()),
                Numbers.count(evaluation.knnK(), "neighbor"),
                evaluation.knnTemperature()));
    row(
        out,
        "linear top-1",
        percent(evaluation.linearTop1()),
        "%s; logistic regression%s"
            .formatted(
                interval(evaluation.linearTop1Interval()),
                evaluation.linearConverged() ? "" : ", not converged"));
    row(
        out,
        "RankMe",
        number(evaluation.rankme()),
        "effective rank, at most %d".formatted(train.embeddings().dimension()));
    row(out, "alpha-ReQ", number(evaluation.alphaReq()), "decay of the variances; best near 1");
    row(
        out,
        "embedding std",
        String.format(Locale.ROOT, "%.4f", evaluation.embeddingStd()),
        "%.4f if they spread evenly, 0 if they collapse"
            .formatted(1 / Math.sqrt(train.embeddings().dimension())));
    row(out, "alignment", number(evaluation.alignment()), "within a class; lower is closer");
    row(out, "uniformity", number(evaluation.uniformity()), "lower is more evenly spread");
    printFractions(evaluation, out);
    printClasses(evaluation, out);
  }

  private static void printFractions(Evaluation evaluation, PrintWriter out) {
    if (evaluation.labelFractions().isEmpty()) {
      return;
    }
    out.printf("%nWith the labels of a part of the training images:%n");
    out.println("    part    images        kNN     linear  95 % interval of the linear one");
    for (Evaluation.LabelFraction few : evaluation.labelFractions()) {
      out.println(
          String.format(
              Locale.ROOT,
              "%6s %%  %8d  %9s  %9s  %.1f to %.1f",
              BigDecimal.valueOf(few.fraction())
                  .movePointRight(2)
                  .stripTrailingZeros()
                  .toPlainString(),
              few.trainSize(),
              percent(few.knnTop1()),
              percent(few.linearTop1()),
              100 * few.linearTop1Interval().low(),
              100 * few.linearTop1Interval().high()));
    }
  }

  private static void printClasses(Evaluation evaluation, PrintWriter out) {
    List<Evaluation.ClassScore> worst =
        evaluation.classes().stream()
            .sorted(Comparator.comparingDouble(Evaluation.ClassScore::linearTop1))
            .limit(MOST_CLASSES)
            .toList();
    int all = evaluation.classes().size();
    out.printf(
        "%n%s, hardest first:%n",
        worst.size() == all
            ? Numbers.count(all, "class")
            : Numbers.part(worst.size(), all, "class"));
    out.println("  images        kNN     linear  class, and what else it is taken for most");
    for (Evaluation.ClassScore score : worst) {
      String confused =
          evaluation.linearConfusion().stream()
              .filter(pair -> pair.label().equals(score.label()))
              .filter(pair -> !pair.predicted().equals(score.label()))
              .findFirst()
              .map(
                  pair ->
                      "; %s %s".formatted(Numbers.count(pair.images(), "time"), pair.predicted()))
              .orElse("");
      out.println(
          String.format(
              Locale.ROOT,
              "%8d  %9s  %9s  %s%s",
              score.images(),
              percent(score.knnTop1()),
              percent(score.linearTop1()),
              score.label(),
              confused));
    }
  }

  private static String interval(Evaluation.Interval interval) {
    return String.format(
        Locale.ROOT, "95 %% interval %.1f to %.1f", 100 * interval.low(), 100 * interval.high());
  }

  private static void row(PrintWriter out, String name, String value, String note) {
    out.println("%-16s%14s  %s".formatted(name, value, note).stripTrailing());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** Null where there are too few images for the measure. */
  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.3f", value);
  }

  private static void write(Evaluation evaluation, String model, String file) throws IOException {
    ObjectNode results = Json.MAPPER.valueToTree(evaluation);
    results.put("model_id", model);
    BeamFiles.write(
        FileSystems.matchNewResource(file, false),
        "application/json",
        out -> Json.PRETTY.writeValue(out, results));
  }
}
