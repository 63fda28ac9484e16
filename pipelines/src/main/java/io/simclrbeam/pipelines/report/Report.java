package io.simclrbeam.pipelines.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows, as {@code page.js} reads it. Parts that there is nothing to show of are
 * null, and {@link #missing} says how to get them.
 */
record Report(
    String title,
    String createdAt,
    String program,
    List<Missing> missing,
    @Nullable Model model,
    @Nullable Training training,
    @Nullable EvaluationPart evaluation,
    @Nullable DataSet dataSet,
    @Nullable Views views,
    @Nullable MapPart map) {

  /** A part that the page lacks, and what to do about it. */
  record Missing(String part, String how) {}

  /** A name and a value, and maybe a remark. */
  record Fact(String name, String value, @Nullable String note) {}

  record Model(List<Fact> facts, List<Fact> settings) {}

  /**
   * Curves.
   *
   * @param chanceLoss what the loss is before anything is learned; null if that is not known
   */
  record Training(@Nullable Double chanceLoss, int batchSize, Steps steps, Probes probes) {}

  /** The logged steps, a list of equal length for each number. */
  record Steps(
      List<Long> step,
      List<Double> epoch,
      List<Double> loss,
      List<Double> contrastiveTop1,
      List<Double> learningRate,
      List<Double> imagesPerS,
      List<Double> embeddingStd,
      List<Double> gradNorm) {}

  /** The probes, likewise. */
  record Probes(
      List<Long> step,
      List<@Nullable Double> knnTop1,
      List<@Nullable Double> rankme,
      List<@Nullable Double> embeddingStd) {}

  record EvaluationPart(
      List<Fact> facts,
      List<io.simclrbeam.model.evaluate.Evaluation.ClassScore> classes,
      List<io.simclrbeam.model.evaluate.Evaluation.Confusion> confusion,
      List<LabelFraction> labelFractions) {}

  record LabelFraction(double fraction, int trainSize, double knnTop1, double linearTop1) {}

  record DataSet(List<Fact> facts, List<Run> runs, Rejects rejects) {}

  /**
   * A run of the data set.
   *
   * @param gates sentences of those that held it back
   */
  record Run(
      String run,
      String state,
      long embedded,
      long skipped,
      long updated,
      long rejected,
      long deleted,
      @Nullable Double rankme,
      List<String> gates) {}

  record Rejects(long total, List<Reason> reasons, List<Example> examples) {}

  record Reason(String reason, long images) {}

  record Example(String id, String reason, String detail) {}

  /**
   * A contact sheet.
   *
   * @param picture a data URL
   */
  record Views(String picture, String note) {}

  /**
   * The map.
   *
   * @param points on it
   * @param images in the data set
   * @param neighbors of each point
   * @param labels that the numbers of an array stand for
   * @param runs likewise
   * @param groups of points that are near-duplicates of each other
   * @param arrays in the order in which they are packed
   */
  record MapPart(
      int points,
      long images,
      int neighbors,
      List<String> labels,
      List<String> runs,
      int clusters,
      List<Score> scores,
      List<Fact> measures,
      @Nullable Thumbnail thumbnail,
      List<Group> groups,
      String groupNote,
      List<PackedArrays.Entry> arrays) {}

  /**
   * Points that are near-duplicates of each other.
   *
   * @param images number of them
   * @param points the first of them
   */
  record Group(int images, List<Integer> points) {}

  record Score(String name, String description) {}

  record Thumbnail(int side, int columns, int rows, int sheets, int count) {}
}
