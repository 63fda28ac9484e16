package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.report.Report.DataSet;
import io.simclrbeam.pipelines.report.Report.Example;
import io.simclrbeam.pipelines.report.Report.Fact;
import io.simclrbeam.pipelines.report.Report.Reason;
import io.simclrbeam.pipelines.report.Report.Rejects;
import io.simclrbeam.pipelines.report.Report.Run;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.RunFolder;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.rejects.RejectSummary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The nights of a data set, and what could not be embedded. */
final class DataSetSection {
  private static final int MOST_RUNS = 1_000;

  private DataSetSection() {}

  static DataSet of(String dataset, CurrentView view, long images) throws IOException {
    List<RunFolder> folders =
        RunFolder.list(dataset).stream()
            .filter(run -> run.model().equals(view.model()))
            .filter(run -> run.state() != RunFolder.State.UNFINISHED)
            .toList();
    List<Run> runs = new ArrayList<>();
    Rejects rejects = new Rejects(0, List.of(), List.of());
    for (RunFolder folder :
        folders.subList(Math.max(0, folders.size() - MOST_RUNS), folders.size())) {
      RunManifest manifest = RunManifest.read(folder.store());
      runs.add(run(folder, manifest));
      if (!folder.isBase()) {
        rejects = rejects(folder, manifest);
      }
    }
    RunManifest newest = RunManifest.read(folders.get(folders.size() - 1).store());
    List<Fact> facts =
        List.of(
            new Fact("folder", dataset, null),
            new Fact("model", view.model(), null),
            new Fact("images", "%,d".formatted(images), "with an embedding, now"),
            new Fact("embedding", "%,d numbers".formatted(newest.dimension()), null),
            new Fact(
                "runs",
                "%,d".formatted(folders.size()),
                folders.size() > MOST_RUNS
                    ? "the newest %,d are shown".formatted(MOST_RUNS)
                    : null),
            new Fact(
                "size", Numbers.bytes(folders.stream().mapToLong(RunFolder::bytes).sum()), null));
    return new DataSet(facts, List.copyOf(runs), rejects);
  }

  private static Run run(RunFolder folder, RunManifest manifest) {
    RunManifest.Counts counts = manifest.counts();
    RunManifest.@Nullable Statistics statistics = manifest.statistics();
    return new Run(
        folder.name(),
        folder.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
        counts.embedded(),
        counts.skipped(),
        counts.updated(),
        counts.rejected(),
        counts.deleted(),
        statistics == null ? null : statistics.rankme(),
        manifest.reasons().lines().map(String::strip).toList());
  }

  private static Rejects rejects(RunFolder folder, RunManifest manifest) throws IOException {
    RejectSummary summary =
        RejectSummary.readFiles(
            folder.store(),
            manifest.files().stream()
                .map(RunManifest.File::name)
                .filter(name -> name.matches("_?rejects-.*"))
                .toList());
    List<Reason> reasons = new ArrayList<>();
    List<Example> examples = new ArrayList<>();
    summary
        .reasons()
        .forEach(
            (reason, found) -> {
              reasons.add(new Reason(reason, found.images()));
              examples.add(new Example(found.id(), reason, found.detail()));
            });
    return new Rejects(summary.total(), List.copyOf(reasons), List.copyOf(examples));
  }
}
