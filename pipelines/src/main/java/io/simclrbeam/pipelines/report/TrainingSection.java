package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.train.MetricsLine;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.report.Report.Probes;
import io.simclrbeam.pipelines.report.Report.Steps;
import io.simclrbeam.pipelines.report.Report.Training;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The curves of a training. */
final class TrainingSection {
  private TrainingSection() {}

  static Training of(TrainingSettings settings, List<MetricsLine> lines) {
    List<MetricsLine> probed = lines.stream().filter(line -> line.probeRankme() != null).toList();
    return new Training(
        chance(settings),
        settings.batchSize(),
        new Steps(
            lines.stream().map(MetricsLine::step).toList(),
            lines.stream().map(MetricsLine::epoch).toList(),
            lines.stream().map(MetricsLine::loss).toList(),
            lines.stream().map(MetricsLine::contrastiveTop1).toList(),
            lines.stream().map(MetricsLine::learningRate).toList(),
            lines.stream().map(MetricsLine::imagesPerSecond).toList(),
            lines.stream().map(MetricsLine::embeddingStd).toList(),
            lines.stream().map(MetricsLine::gradientNorm).toList()),
        new Probes(
            probed.stream().map(MetricsLine::step).toList(),
            probed.stream().map(MetricsLine::probeKnnTop1).toList(),
            probed.stream().map(line -> Objects.requireNonNull(line.probeRankme())).toList(),
            probed.stream().map(MetricsLine::probeEmbeddingStd).toList()));
  }

  /** Of NT-Xent, where every other view of the batch is as similar: ln(KN - 1). */
  private static @Nullable Double chance(TrainingSettings settings) {
    return settings.loss() instanceof NtXent
        ? StrictMath.log(settings.batchSize() * (double) settings.viewsPerImage() - 1)
        : null;
  }
}
