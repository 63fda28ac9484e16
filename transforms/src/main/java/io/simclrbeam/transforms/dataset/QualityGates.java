package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.transforms.dataset.RunManifest.Gate;
import io.simclrbeam.transforms.images.ImageLimit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a run must be like to be published. A run that is not is written, but held back.
 *
 * @param maxRejects images that may be rejected
 * @param maxDeletions images of the current view that may be marked as deleted
 * @param minRankMe least effective rank of the embeddings; below it they have collapsed
 * @param maxNormChange largest difference of the mean norm from that of the last run, as a share of
 *     the latter
 * @param maxFrechet largest squared Fréchet distance to the last run's embeddings, as a share of
 *     their total variance
 * @param maxCanaryChange largest share of the canaries whose nearest neighbor among them changed
 */
public record QualityGates(
    ImageLimit maxRejects,
    ImageLimit maxDeletions,
    double minRankMe,
    double maxNormChange,
    double maxFrechet,
    double maxCanaryChange)
    implements Serializable {

  /** Publishes a run if it has an image and all its embeddings are finite. */
  public static final QualityGates NONE =
      new QualityGates(
          new ImageLimit(100, true),
          new ImageLimit(Double.MAX_VALUE, false),
          0,
          Double.MAX_VALUE,
          Double.MAX_VALUE,
          1);

  /** With fewer embeddings than this, chance alone moves their statistics too far. */
  public static final int LEAST_EMBEDDINGS = 200;

  private static final String TOO_LONG =
      "embeddings of more than %,d numbers".formatted(Moments.MAX_DIMENSIONS);

  /**
   * Judges a run.
   *
   * @param known number of images in the current view before the run
   * @param statistics of the moments
   * @param before moments of the last run that had enough embeddings; null if there is none
   */
  List<Gate> judge(
      RunManifest.Counts counts,
      long known,
      RunManifest.Statistics statistics,
      Moments moments,
      @Nullable Moments before,
      Canaries.Report canaries) {
    List<Gate> gates = new ArrayList<>();
    long images = counts.usableOrGone();
    gates.add(
        new Gate(
            "minImages", (double) images, 1, images > 0, "%d usable images".formatted(images)));
    gates.add(
        new Gate(
            "maxRejects",
            (double) counts.rejected(),
            maxRejects.of(counts.input()),
            !maxRejects.isExceeded(counts.rejected(), counts.input()),
            "%d of %d images rejected".formatted(counts.rejected(), counts.input())));
    gates.add(
        new Gate(
            "maxDeletions",
            (double) counts.deleted(),
            maxDeletions.of(known),
            !maxDeletions.isExceeded(counts.deleted(), known),
            counts.deleted() == 0
                ? "no image marked as deleted"
                : "%d of the data set's %d images are gone from the input"
                    .formatted(counts.deleted(), known)));
    gates.add(
        new Gate(
            "maxNotFinite",
            (double) moments.notFinite(),
            0,
            moments.notFinite() == 0,
            "%d embeddings with infinite numbers or NaN".formatted(moments.notFinite())));
    gates.add(rankGate(statistics, moments));
    gates.addAll(compare(moments, before));
    gates.add(canaryGate(canaries));
    return List.copyOf(gates);
  }

  private Gate rankGate(RunManifest.Statistics statistics, Moments moments) {
    Double rankMe = statistics.rankme();
    if (isTooFew(moments) || rankMe == null) {
      return notJudged("minRankMe", minRankMe, isTooFew(moments) ? few(moments) : TOO_LONG);
    }
    return new Gate(
        "minRankMe",
        rankMe,
        minRankMe,
        rankMe >= minRankMe,
        "effective rank of the embeddings %s".formatted(number(rankMe)));
  }

  private List<Gate> compare(Moments moments, @Nullable Moments before) {
    if (isTooFew(moments) || before == null) {
      String why = isTooFew(moments) ? few(moments) : "there is no earlier run to compare with";
      return List.of(
          notJudged("maxNormChange", maxNormChange, why), notJudged("maxFrechet", maxFrechet, why));
    }
    double normChange =
        Math.abs(moments.meanNorm() - before.meanNorm())
            / Math.max(before.meanNorm(), Double.MIN_NORMAL);
    Gate norm =
        new Gate(
            "maxNormChange",
            normChange,
            maxNormChange,
            normChange <= maxNormChange,
            "mean length %s, last run %s"
                .formatted(number(moments.meanNorm()), number(before.meanNorm())));
    if (!moments.hasProducts()) {
      return List.of(norm, notJudged("maxFrechet", maxFrechet, TOO_LONG));
    }
    double frechet =
        moments.squaredFrechetDistance(before)
            / Math.max(before.totalVariance(), Double.MIN_NORMAL);
    return List.of(
        norm,
        new Gate(
            "maxFrechet",
            frechet,
            maxFrechet,
            frechet <= maxFrechet,
            "squared Fréchet distance to the last run is %s of its variance"
                .formatted(number(frechet))));
  }

  private Gate canaryGate(Canaries.Report canaries) {
    if (canaries.compared() == 0) {
      return notJudged("maxCanaryChange", maxCanaryChange, "there is no earlier run with canaries");
    }
    double changed = (double) canaries.changedNeighbors() / canaries.compared();
    return new Gate(
        "maxCanaryChange",
        changed,
        maxCanaryChange,
        changed <= maxCanaryChange,
        "%d of %d canaries have another nearest neighbor, %d other bits; %s"
            .formatted(
                canaries.changedNeighbors(),
                canaries.compared(),
                canaries.compared() - canaries.identical(),
                canaries.reference()));
  }

  private static Gate notJudged(String name, double limit, String why) {
    return new Gate(name, null, limit, true, "not judged: " + why);
  }

  private static boolean isTooFew(Moments moments) {
    return moments.count() < LEAST_EMBEDDINGS;
  }

  private static String few(Moments moments) {
    return "%d new embeddings are too few".formatted(moments.count());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
