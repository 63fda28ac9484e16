package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoBuilder;
import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.transforms.dataset.RunManifest.Gate;
import io.simclrbeam.transforms.images.ImageLimit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run must be like to be published. A run that is not is written, but held back.
 *
 * @param maxRejects images that may be rejected
 * @param maxDeletions images of the current view that may be marked as deleted
 * @param minRankMe least effective rank of the embeddings; below it they have collapsed
 * @param maxNormChange largest difference of the mean norm from that of the last run, as a share of
 *     the latter
 * @param maxFrechet largest squared Fréchet distance to the last run's embeddings beyond what
 *     chance explains, as a share of their total variance
 * @param maxCanaryChange largest share of the canaries whose nearest neighbor among them changed
 * @param always names of the gates that judge any number of embeddings; others wait for {@link
 *     #LEAST_EMBEDDINGS}
 */
public record QualityGates(
    ImageLimit maxRejects,
    ImageLimit maxDeletions,
    double minRankMe,
    double maxNormChange,
    double maxFrechet,
    double maxCanaryChange,
    Set<String> always)
    implements Serializable {
  private static final String RANK = "minRankMe";
  private static final String NORM = "maxNormChange";
  private static final String FRECHET = "maxFrechet";

  /** Publishes a run if it has an image and all its embeddings are finite. */
  public static final QualityGates NONE =
      new QualityGates(
          new ImageLimit(100, true),
          new ImageLimit(Double.MAX_VALUE, false),
          0,
          Double.MAX_VALUE,
          Double.MAX_VALUE,
          1,
          Set.of());

  /** Fewer embeddings say little: they are judged together with those of the runs before. */
  public static final int LEAST_EMBEDDINGS = 200;

  /** The gates that wait for {@link #LEAST_EMBEDDINGS}, unless they are told not to. */
  public static final List<String> THAT_WAIT = List.of(RANK, NORM, FRECHET);

  private static final String NO_EARLIER_RUN = "there is no earlier run to compare with";
  private static final String TOO_LONG =
      "embeddings of more than %,d numbers".formatted(Moments.MAX_DIMENSIONS);

  /** Copies the set. */
  public QualityGates {
    always = Set.copyOf(always);
  }

  /** Returns a builder that begins with these gates. */
  public Builder toBuilder() {
    return new AutoBuilder_QualityGates_Builder(this);
  }

  /** Changes single gates; see {@link QualityGates} for what they mean. */
  @AutoBuilder(ofClass = QualityGates.class)
  public abstract static class Builder {
    public abstract Builder maxRejects(ImageLimit maxRejects);

    public abstract Builder maxDeletions(ImageLimit maxDeletions);

    public abstract Builder minRankMe(double minRankMe);

    public abstract Builder maxNormChange(double maxNormChange);

    public abstract Builder maxFrechet(double maxFrechet);

    public abstract Builder maxCanaryChange(double maxCanaryChange);

    public abstract Builder always(Set<String> always);

    /** Returns the gates. */
    public abstract QualityGates build();
  }

  /**
   * Judges a run.
   *
   * @param known number of images in the current view before the run
   * @param own statistics of the run alone
   * @param statistics of what is judged: with those of small runs before it
   */
  List<Gate> judge(
      RunManifest.Counts counts,
      long known,
      RunManifest.Statistics own,
      RunStatistics statistics,
      Canaries.Report canaries) {
    List<Gate> gates = new ArrayList<>();
    long images = counts.usableOrGone();
    gates.add(
        new Gate(
            "minImages", (double) images, 1, images > 0, Numbers.count(images, "usable image")));
    gates.add(
        new Gate(
            "maxRejects",
            (double) counts.rejected(),
            maxRejects.of(counts.input()),
            !maxRejects.isExceeded(counts.rejected(), counts.input()),
            Numbers.part(counts.rejected(), counts.input(), "image") + " rejected"));
    gates.add(
        new Gate(
            "maxDeletions",
            (double) counts.deleted(),
            maxDeletions.of(known),
            !maxDeletions.isExceeded(counts.deleted(), known),
            counts.deleted() == 0
                ? "no image marked as deleted"
                : Numbers.part(counts.deleted(), known, "image")
                    + " in the data set gone from the input"));
    gates.add(
        new Gate(
            "maxNotFinite",
            (double) own.notFinite(),
            0,
            own.notFinite() == 0,
            Numbers.count(own.notFinite(), "embedding") + " with infinite numbers or NaN"));
    gates.add(rankGate(own, statistics));
    gates.add(normGate(statistics));
    gates.add(frechetGate(statistics));
    gates.add(canaryGate(canaries));
    return List.copyOf(gates);
  }

  private Gate rankGate(RunManifest.Statistics own, RunStatistics statistics) {
    Moments moments = statistics.moments();
    String why = tooFew(RANK, statistics);
    if (why == null && !moments.hasProducts()) {
      why = TOO_LONG;
    }
    if (why != null) {
      return notJudged(RANK, minRankMe, why);
    }
    Double known = statistics.runs() == 1 ? own.rankme() : null; // it takes long to compute
    double rankMe = known != null ? known : moments.rankMe();
    return new Gate(
        RANK,
        rankMe,
        minRankMe,
        rankMe >= minRankMe,
        "effective rank %s of %s".formatted(number(rankMe), of(statistics)));
  }

  private Gate normGate(RunStatistics statistics) {
    Moments before = statistics.before();
    String why = tooFew(NORM, statistics);
    if (why != null || before == null) {
      return notJudged(NORM, maxNormChange, why != null ? why : NO_EARLIER_RUN);
    }
    double norm = statistics.moments().meanNorm();
    double change =
        Math.abs(norm - before.meanNorm()) / Math.max(before.meanNorm(), Double.MIN_NORMAL);
    return new Gate(
        NORM,
        change,
        maxNormChange,
        change <= maxNormChange,
        "mean norm %s of %s, last run %s"
            .formatted(number(norm), of(statistics), number(before.meanNorm())));
  }

  private Gate frechetGate(RunStatistics statistics) {
    Moments moments = statistics.moments();
    Moments before = statistics.before();
    String why = tooFew(FRECHET, statistics);
    if (why == null && !moments.hasProducts()) {
      why = TOO_LONG;
    }
    if (why != null || before == null) {
      return notJudged(FRECHET, maxFrechet, why != null ? why : NO_EARLIER_RUN);
    }
    double variance = Math.max(before.totalVariance(), Double.MIN_NORMAL);
    double distance = moments.squaredFrechetDistance(before);
    double chance = moments.expectedSquaredFrechetDistance(before);
    double change = Math.min(Double.MAX_VALUE, Math.max(0, distance - chance) / variance);
    return new Gate(
        FRECHET,
        change,
        maxFrechet,
        change <= maxFrechet,
        "squared Fréchet distance of %s to the last run is %s of its variance, of which %s is chance"
            .formatted(of(statistics), number(distance / variance), number(chance / variance)));
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

  /** Returns why there are too few embeddings for a gate; null if there are enough. */
  private @Nullable String tooFew(String gate, RunStatistics statistics) {
    long count = statistics.moments().count();
    if (statistics.isNothingNew()) {
      return "there are no new embeddings";
    }
    return count >= LEAST_EMBEDDINGS || always.contains(gate)
        ? null
        : "%s %s too few; from %d on they are judged, or if the option is given"
            .formatted(of(statistics), count == 1 ? "is" : "are", LEAST_EMBEDDINGS);
  }

  private static String of(RunStatistics statistics) {
    long count = statistics.moments().count();
    return statistics.runs() == 1
        ? Numbers.count(count, "new embedding")
        : "%s of the last %d runs".formatted(Numbers.count(count, "embedding"), statistics.runs());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
