package io.simclrbeam.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps docs/metrics.md, and the dashboard, as the program counts. */
class MetricsTableTest {
  private static final Path ROOT = Path.of("..");
  private static final Path TABLE = ROOT.resolve("docs/metrics.md");
  private static final Path DASHBOARD = ROOT.resolve("runners/flink/cluster/grafana.json");

  private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
  private static final Pattern USE = Pattern.compile("\\bMetrics\\s*\\.\\s*[a-z]\\w*\\(");
  private static final Pattern METRIC =
      Pattern.compile("\\bMetrics\\s*\\.\\s*[a-z]\\w*\\(\\s*(\\w+)\\.class,\\s*\"(\\w+)\"\\)");
  private static final Pattern ROW =
      Pattern.compile("^\\| `(io\\.simclrbeam[\\w.]+)` \\| `(\\w+)` \\|", Pattern.MULTILINE);
  private static final Pattern IN_PROMETHEUS =
      Pattern.compile("flink_taskmanager_job_task_operator_(io_simclrbeam_\\w+)");

  @Test
  void theTableHasTheMetricsOfTheSourcesInOrder() throws IOException {
    List<String> inSources = metrics();

    assertThat(inSources).isNotEmpty().doesNotHaveDuplicates();
    assertThat(rows()).isEqualTo(inSources);
  }

  @Test
  void theDashboardAsksForMetricsThatThereAre() throws IOException {
    List<String> inPrometheus = rows().stream().map(name -> name.replaceAll("\\W", "_")).toList();

    for (Path file : List.of(TABLE, DASHBOARD)) {
      List<String> asked =
          IN_PROMETHEUS
              .matcher(Files.readString(file))
              .results()
              .map(found -> found.group(1))
              .toList();
      assertThat(asked).as(file.toString()).isNotEmpty().isSubsetOf(inPrometheus);
    }
  }

  private static List<String> rows() throws IOException {
    return ROW.matcher(Files.readString(TABLE))
        .results()
        .map(row -> row.group(1) + "." + row.group(2))
        .toList();
  }

  private static List<String> metrics() throws IOException {
    List<String> metrics = new ArrayList<>();
    for (Path file : sources()) {
      String source = Files.readString(file);
      if (!source.contains("import org.apache.beam.sdk.metrics.Metrics;")) {
        continue;
      }
      List<MatchResult> found = METRIC.matcher(source).results().toList();
      assertThat(found)
          .as("metrics in %s, each Metrics.kind(Class.class, \"name\")", file)
          .hasSize((int) USE.matcher(source).results().count());
      String inPackage =
          PACKAGE.matcher(source).results().map(match -> match.group(1)).findFirst().orElseThrow();
      for (MatchResult metric : found) {
        assertThat(metric.group(1) + ".java")
            .as("a metric's namespace is the class of its file")
            .isEqualTo(file.getFileName().toString());
        metrics.add(inPackage + "." + metric.group(1) + "." + metric.group(2));
      }
    }
    return metrics.stream().sorted().toList();
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("/src/main/"))
          .toList();
    }
  }
}
