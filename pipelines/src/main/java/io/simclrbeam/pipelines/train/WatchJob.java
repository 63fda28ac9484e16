package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.model.train.MetricsFile;
import io.simclrbeam.model.train.MetricsLine;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows a training in the terminal, from the files that it leaves with each checkpoint. So it can
 * go on anywhere, also on a cluster.
 */
public final class WatchJob {
  private static final int WIDTH = 48;
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";
  private static final String ASCII = "_.-=+*#@";

  private final FileStore model;
  private final PrintWriter out;
  private final String levels;

  private WatchJob(String model, PrintWriter out, Charset charset) {
    this.model = new BeamFileStore(model);
    this.out = out;
    levels = charset.newEncoder().canEncode(BLOCKS) ? BLOCKS : ASCII;
  }

  /**
   * Shows the training until it is finished.
   *
   * @param model folder of the model
   * @param seconds from one look at it to the next; 0 for one look alone
   * @param inPlace whether a look is shown in the place of the one before. Otherwise it is shown
   *     below it, if there is something new
   * @param charset of what is shown
   * @throws JobException if nothing is trained there
   */
  public static void run(
      String model, long seconds, boolean inPlace, PrintWriter out, Charset charset)
      throws IOException, InterruptedException {
    new WatchJob(model, out, charset).run(model, seconds, inPlace);
  }

  private void run(String folder, long seconds, boolean inPlace)
      throws IOException, InterruptedException {
    if (!RunFile.exists(model)) {
      throw new JobException(
          ExitCode.USAGE,
          "Nothing is trained in --model=%s: there is no run.json. 'simclr train' writes it first."
              .formatted(folder));
    }
    TrainingSettings settings = RunFile.read(model);
    List<String> shown = List.of();
    while (true) {
      boolean finished = ModelCard.exists(model);
      List<String> lines = lines(settings, MetricsFile.read(model, Long.MAX_VALUE), finished);
      if (!lines.equals(shown)) {
        if (inPlace && !shown.isEmpty()) {
          // Back over the lines shown before, and erase them (ECMA-48: CUU and ED).
          out.printf("\u001b[%dA\u001b[J", shown.size());
        }
        lines.forEach(out::println);
        out.flush();
        shown = lines;
      }
      if (finished || seconds == 0) {
        return;
      }
      Thread.sleep(1000 * seconds);
    }
  }

  private List<String> lines(TrainingSettings settings, List<MetricsLine> steps, boolean finished) {
    if (steps.isEmpty()) {
      return List.of(
          finished
              ? "Finished without a step."
              : "There is no step yet: the first checkpoint has it.");
    }
    MetricsLine last = steps.get(steps.size() - 1);
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s, step %,d of %,d, epoch %.1f, %s",
            settings.encoder().name(),
            last.step(),
            settings.steps(),
            last.epoch(),
            finished ? "finished" : Numbers.time(left(settings, steps)) + " left"));
    lines.add(line("loss", steps, MetricsLine::loss, "%.4f"));
    lines.add(line("contrastive top-1", steps, step -> 100 * step.contrastiveTop1(), "%.1f %%"));
    List<MetricsLine> probes = steps.stream().filter(step -> step.probeRankme() != null).toList();
    if (probes.stream().anyMatch(probe -> probe.probeKnnTop1() != null)) {
      lines.add(line("kNN top-1", probes, probe -> 100 * or0(probe.probeKnnTop1()), "%.1f %%"));
    }
    if (!probes.isEmpty()) {
      lines.add(line("RankMe", probes, probe -> or0(probe.probeRankme()), "%.1f"));
    }
    lines.add(line("embedding std", steps, MetricsLine::embeddingStd, "%.4f"));
    lines.add(line("images/s", steps, MetricsLine::imagesPerSecond, "%.0f"));
    return lines;
  }

  private static double or0(@Nullable Double value) {
    return value == null ? 0 : value;
  }

  /** By the median speed: some steps wait for a checkpoint or a probe. */
  private static double left(TrainingSettings settings, List<MetricsLine> steps) {
    double[] speeds = steps.stream().mapToDouble(MetricsLine::imagesPerSecond).sorted().toArray();
    double speed = speeds[speeds.length / 2];
    long left = settings.steps() - steps.get(steps.size() - 1).step();
    return speed > 0 ? left * (double) settings.batchSize() / speed : 0;
  }

  private String line(
      String name, List<MetricsLine> steps, ToDoubleFunction<MetricsLine> value, String format) {
    double[] values = steps.stream().mapToDouble(value).toArray();
    return String.format(
        Locale.ROOT,
        "  %-18s%-" + WIDTH + "s  " + format + ", then " + format,
        name,
        curve(values, WIDTH, levels),
        values[0],
        values[values.length - 1]);
  }

  /**
   * Draws numbers, each as a character between the lowest and the highest of them. Where there is
   * no room for all, it draws means of equally many.
   */
  static String curve(double[] values, int width, String levels) {
    int columns = Math.min(width, values.length);
    double[] means = new double[columns];
    for (int i = 0; i < columns; i++) {
      int from = (int) ((long) i * values.length / columns);
      int to = (int) ((i + 1L) * values.length / columns);
      means[i] = Arrays.stream(values, from, to).average().orElseThrow();
    }
    double low = Arrays.stream(means).min().orElse(0);
    double high = Arrays.stream(means).max().orElse(0);
    StringBuilder curve = new StringBuilder();
    for (double mean : means) {
      double share = high > low ? (mean - low) / (high - low) : 0.5;
      int level = (int) Math.min(levels.length() - 1, share * levels.length());
      curve.append(levels.charAt(level));
    }
    return curve.toString();
  }
}
