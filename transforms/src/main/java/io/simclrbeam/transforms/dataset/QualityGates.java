package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.transforms.dataset.RunManifest.Gate;
import io.simclrbeam.transforms.rejects.RejectLimit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a run must be like to be published without anybody's leave.
 *
 * @param maxRejects images that may be rejected
 * @param minRankMe least effective rank of the embeddings: below it they have collapsed
 * @param maxNormChange most that the mean length may differ from the last run's, as a share of that
 * @param maxFrechet most that the squared Fréchet distance to the last run's embeddings may be, as
 *     a share of their total variance
 * @param maxCanaryChange largest share of the canaries whose nearest neighbour among them changed
 */
public record QualityGates(
    RejectLimit maxRejects,
    double minRankMe,
    double maxNormChange,
    double maxFrechet,
    double maxCanaryChange)
    implements Serializable {

  /** With fewer embeddings than this, chance alone moves their statistics too far. */
  public static final int LEAST_EMBEDDINGS = 200;

  /**
   * Judges a run.
   *
   * @param before moments of the last run that had enough embeddings; null if there is none
   */
  List<Gate> judge(
      RunManifest.Counts counts, Moments moments, @Nullable Moments before, CanaryReport canaries) {
    List<Gate> gates = new ArrayList<>();
    double limit =
        maxRejects.percent() ? maxRejects.value() / 100 * counts.input() : maxRejects.value();
    gates.add(
        new Gate(
            "maxRejects",
            (double) counts.rejected(),
            limit,
            !maxRejects.isExceeded(counts.rejected(), counts.input()),
            "%d of %d images rejected".formatted(counts.rejected(), counts.input())));
    gates.add(
        new Gate(
            "notFinite",
            (double) moments.notFinite(),
            0,
            moments.notFinite() == 0,
            "%d embeddings with infinite numbers or NaN".formatted(moments.notFinite())));
    if (moments.count() < LEAST_EMBEDDINGS) {
      String few = "not judged: %d new embeddings are too few".formatted(moments.count());
      gates.add(new Gate("minRankMe", null, minRankMe, true, few));
      gates.add(new Gate("maxNormChange", null, maxNormChange, true, few));
      gates.add(new Gate("maxFrechet", null, maxFrechet, true, few));
    } else {
      double rankMe = moments.rankMe();
      gates.add(
          new Gate(
              "minRankMe",
              rankMe,
              minRankMe,
              rankMe >= minRankMe,
              "effective rank of the embeddings %s".formatted(number(rankMe))));
      if (before == null) {
        String first = "not judged: there is no earlier run to compare with";
        gates.add(new Gate("maxNormChange", null, maxNormChange, true, first));
        gates.add(new Gate("maxFrechet", null, maxFrechet, true, first));
      } else {
        gates.addAll(compare(moments, before));
      }
    }
    gates.add(canaryGate(canaries));
    return List.copyOf(gates);
  }

  private List<Gate> compare(Moments moments, Moments before) {
    double normChange =
        Math.abs(moments.meanNorm() - before.meanNorm())
            / Math.max(before.meanNorm(), Double.MIN_NORMAL);
    double frechet =
        moments.squaredFrechetDistance(before)
            / Math.max(before.totalVariance(), Double.MIN_NORMAL);
    return List.of(
        new Gate(
            "maxNormChange",
            normChange,
            maxNormChange,
            normChange <= maxNormChange,
            "mean length %s, last run %s"
                .formatted(number(moments.meanNorm()), number(before.meanNorm()))),
        new Gate(
            "maxFrechet",
            frechet,
            maxFrechet,
            frechet <= maxFrechet,
            "squared Fréchet distance to the last run is %s of its variance"
                .formatted(number(frechet))));
  }

  private Gate canaryGate(CanaryReport canaries) {
    if (canaries.compared() == 0) {
      return new Gate(
          "maxCanaryChange",
          null,
          maxCanaryChange,
          true,
          "not judged: there is no earlier run with canaries");
    }
    double changed = (double) canaries.changedNeighbors() / canaries.compared();
    return new Gate(
        "maxCanaryChange",
        changed,
        maxCanaryChange,
        changed <= maxCanaryChange,
        "%d of %d canaries have another nearest neighbour, %d other bits; %s"
            .formatted(
                canaries.changedNeighbors(),
                canaries.compared(),
                canaries.compared() - canaries.identical(),
                canaries.sameHardware() ? "same hardware" : "other hardware or libtorch"));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
