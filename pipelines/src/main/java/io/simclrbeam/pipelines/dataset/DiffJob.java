package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.RunFolder;
import io.simclrbeam.transforms.dataset.RunManifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Prints what changed between two runs: how they were made, the statistics of what they made, and
 * the images that readers see after each of them.
 */
public final class DiffJob {
  private static final int EXAMPLES = 5;

  private DiffJob() {}

  /**
   * Prints the differences.
   *
   * @param before folder of the one run
   * @param after folder of the other
   * @throws JobException if there is no such run, or one is not finished
   */
  public static void run(String before, String after, PrintWriter out) throws IOException {
    RunFolder first = finished(before);
    RunFolder second = finished(after);
    RunManifest old = RunManifest.read(first.store());
    RunManifest now = RunManifest.read(second.store());
    if (!old.modelId().equals(now.modelId())) {
      out.printf("model: %s, then %s%n", old.modelId(), now.modelId());
    }
    differences("setting", old.settings(), now.settings(), out);
    differences("version", old.versions(), now.versions(), out);
    statistics(old.statistics(), now.statistics(), out);
    Map<String, String> contents = CurrentView.after(first).contents();
    Map<String, String> newContents = CurrentView.after(second).contents();
    Map<String, String> gone = new TreeMap<>(contents);
    gone.keySet().removeAll(newContents.keySet());
    Collection<String> changed = new TreeSet<>();
    Collection<String> added = new TreeSet<>();
    newContents.forEach(
        (id, content) -> {
          if (!contents.containsKey(id)) {
            added.add(id);
          } else if (!content.equals(contents.get(id))) {
            changed.add(id);
          }
        });
    out.printf("images: %,d, then %,d%n", contents.size(), newContents.size());
    list("new", added, out);
    list("with other content", changed, out);
    list("gone", gone.keySet(), out);
  }

  private static RunFolder finished(String path) throws IOException {
    RunFolder run = RunFolders.find(path);
    if (run.state() == RunFolder.State.UNFINISHED) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT, "%s is not finished, so it cannot be compared.".formatted(path));
    }
    return run;
  }

  private static void differences(
      String kind, Map<String, String> old, Map<String, String> now, PrintWriter out) {
    Collection<String> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String before = old.getOrDefault(name, "not set");
      String after = now.getOrDefault(name, "not set");
      if (!before.equals(after)) {
        out.printf("%s %s: %s, then %s%n", kind, name, before, after);
      }
    }
  }

  private static void statistics(
      RunManifest.@Nullable Statistics old, RunManifest.@Nullable Statistics now, PrintWriter out) {
    if (old != null && now != null) {
      statistic("mean norm", old.meanNorm(), now.meanNorm(), out);
      statistic("variance", old.totalVariance(), now.totalVariance(), out);
      statistic("RankMe", old.rankme(), now.rankme(), out);
    }
  }

  private static void statistic(
      String name, @Nullable Double old, @Nullable Double now, PrintWriter out) {
    if (old != null && now != null) {
      out.printf(Locale.ROOT, "%s of the run's embeddings: %.4g, then %.4g%n", name, old, now);
    }
  }

  private static void list(String kind, Collection<String> ids, PrintWriter out) {
    out.printf("  %,d %s%n", ids.size(), kind);
    ids.stream().limit(EXAMPLES).forEach(id -> out.printf("    %s%n", id));
    if (ids.size() > EXAMPLES) {
      out.printf("    and %,d more%n", ids.size() - EXAMPLES);
    }
  }
}
