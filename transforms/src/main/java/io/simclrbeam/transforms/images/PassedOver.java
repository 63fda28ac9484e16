package io.simclrbeam.transforms.images;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricQueryResults;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.metrics.StringSet;
import org.jspecify.annotations.Nullable;

/**
 * The files, and entries of tar shards, that are no images by rule: how many of each kind, with an
 * example. They are no rejects. {@link ListImages} counts them in the metrics of its job.
 *
 * <p>Not for use by several threads.
 */
public final class PassedOver {
  /** Why something is passed over. */
  public enum Kind {
    /** Its name starts with a dot. A folder counts as one. */
    HIDDEN("hidden"),
    /**
     * A program or an operating system left it, such as {@code Thumbs.db}. A folder counts once.
     */
    LEFT_BEHIND("left by programs"),
    /** Its name, or else its content, says that it is something else than an image or a shard. */
    OTHER("of other kinds"),
    /** It belongs to an image of the same tar shard, such as its label. */
    COMPANION("fields beside images"),
    /** An {@link ImageFilter} does not choose it. */
    NOT_CHOSEN("not chosen"),
    /** It is listed under another name already: a link leads to it, or another input has it. */
    TWICE("reached twice");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private static final Map<Kind, Counter> COUNTERS =
      Map.of(
          Kind.HIDDEN, Metrics.counter(PassedOver.class, "files_hidden"),
          Kind.LEFT_BEHIND, Metrics.counter(PassedOver.class, "files_left_by_programs"),
          Kind.OTHER, Metrics.counter(PassedOver.class, "files_of_other_kinds"),
          Kind.COMPANION, Metrics.counter(PassedOver.class, "fields_beside_images"),
          Kind.NOT_CHOSEN, Metrics.counter(PassedOver.class, "files_not_chosen"),
          Kind.TWICE, Metrics.counter(PassedOver.class, "files_reached_twice"));

  /** Each a kind, a space and a path. */
  private static final StringSet EXAMPLES =
      Metrics.stringSet(PassedOver.class, "examples_of_passed_over");

  /** What this program, engines and operating systems leave behind. */
  private static final Pattern LEFT_BEHIND =
      Pattern.compile(
          "_SUCCESS|_RUNNING|_ABANDONED|_TRAINING|_(MANIFEST|DEDUP)\\.json"
              + "|_(STATISTICS|CANARIES)\\.safetensors|_hnsw"
              + "|_temporary|_metadata|_common_metadata|_delta_log|_(committed|started)_\\d+"
              + "|__MACOSX|(eh)?thumbs\\.db|desktop\\.ini|icon\r|\\$recycle\\.bin"
              + "|system volume information|@eadir|lost\\+found",
          Pattern.CASE_INSENSITIVE);

  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
  private final Map<Kind, String> examples = new EnumMap<>(Kind.class);
  private final Set<String> folders = new HashSet<>();
  private final Set<Kind> shown = EnumSet.noneOf(Kind.class);

  /** Counts what jobs have passed over. */
  public static PassedOver of(MetricResults metrics) {
    MetricQueryResults found =
        metrics.queryMetrics(
            MetricsFilter.builder()
                .addNameFilter(MetricNameFilter.inNamespace(PassedOver.class))
                .build());
    PassedOver all = new PassedOver();
    COUNTERS.forEach(
        (kind, counter) ->
            found
                .getCounters()
                .forEach(
                    result -> {
                      if (result.getName().equals(counter.getName())) {
                        all.add(kind, value(result));
                      }
                    }));
    found
        .getStringSets()
        .forEach(set -> value(set).getStringSet().stream().sorted().forEach(all::addExample));
    return all;
  }

  private static <T> T value(MetricResult<T> metric) {
    @Nullable T committed = metric.getCommittedOrNull();
    return committed == null ? metric.getAttempted() : committed;
  }

  private void addExample(String kindAndPath) {
    int space = kindAndPath.indexOf(' ');
    examples.putIfAbsent(
        Kind.valueOf(kindAndPath.substring(0, space)), kindAndPath.substring(space + 1));
  }

  private void add(Kind kind, long files) {
    if (files > 0) {
      counts.merge(kind, files, Long::sum);
    }
  }

  /** Counts a file. */
  public void add(Kind kind, String path) {
    add(kind, 1);
    examples.putIfAbsent(kind, path);
  }

  /** Adds what another one has counted. */
  public void addAll(PassedOver other) {
    other.counts.forEach(this::add);
    other.examples.forEach(examples::putIfAbsent);
  }

  /**
   * Takes a path that is no image by its name: it has a part that starts with a dot, or that this
   * program, an engine or an operating system leaves behind. Other names that start with an
   * underscore are names like any other: cameras write {@code _MG_1234.JPG}.
   *
   * @return whether it was taken, and counted
   */
  boolean takes(String path) {
    return takes("", path);
  }

  /**
   * Takes a path in a shard, as {@link #takes(String)} does.
   *
   * @param shard the shard's id and a slash; what it is called does not matter
   */
  boolean takes(String shard, String path) {
    int start = 0;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      @Nullable Kind kind = kindOf(path.substring(start, end));
      if (kind != null) {
        String taken = shard + path.substring(0, end);
        if (slash < 0 || folders.add(taken)) {
          add(kind, taken);
        }
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  /** Returns whether {@link #takes(String)} would take a path. */
  static boolean wouldTake(String path) {
    return new PassedOver().takes(path);
  }

  private static @Nullable Kind kindOf(String name) {
    if (name.startsWith(".") && !name.equals(".")) {
      return Kind.HIDDEN;
    }
    return LEFT_BEHIND.matcher(name).matches() ? Kind.LEFT_BEHIND : null;
  }

  /**
   * Adds what was counted since the last call to the metrics of the step that runs. There is one
   * example of each kind in this object's life, as metrics are sent along with each bundle.
   */
  void report() {
    counts.forEach(
        (kind, files) -> {
          Objects.requireNonNull(COUNTERS.get(kind)).inc(files);
          @Nullable String example = examples.get(kind);
          if (example != null && shown.add(kind)) {
            EXAMPLES.add(kind.name() + " " + example);
          }
        });
    counts.clear();
    folders.clear();
  }

  /** Returns how many of a kind there are. */
  public long count(Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  /** Returns whether nothing was passed over. */
  public boolean isEmpty() {
    return counts.isEmpty();
  }

  /** Says how many of each kind, such as {@code 20 of other kinds (such as a.xmp), 3 hidden}. */
  public String describe() {
    return counts.entrySet().stream()
        .map(
            kind ->
                "%,d %s%s".formatted(kind.getValue(), kind.getKey().words, example(kind.getKey())))
        .collect(Collectors.joining(", "));
  }

  private String example(Kind kind) {
    @Nullable String example = examples.get(kind);
    return example == null ? "" : " (such as %s)".formatted(example.replaceAll("\\s+", " "));
  }
}
