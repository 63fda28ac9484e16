package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What executes a job. */
@Command(optionListHeading = "Execution")
final class RunnerOption {
  private static final String RUNNER = "--runner";

  /** Names of the runners that were built. Only the chosen one is on the class path. */
  private static final String BUILT = "simclr.runners";

  @Option(
      names = RUNNER,
      paramLabel = "NAME",
      description =
          "Beam runner: flink (inside this process unless --flinkMaster names a cluster), direct,"
              + " dataflow in a build with -Pgcs, or spark in one with -Pspark")
  String runner = "flink";

  /** Returns the chosen runner; null if it is not on the class path, which is then a problem. */
  @Nullable RunnerSetup setup(Checks checks) {
    List<RunnerSetup> setups = setups();
    if (setups.isEmpty()) {
      checks.problem("no runner is on the class path; start this program with bin/simclr");
      return null;
    }
    Optional<RunnerSetup> chosen =
        setups.stream().filter(setup -> setup.name().equals(runner)).findFirst();
    if (chosen.isEmpty()) {
      SortedSet<String> names = new TreeSet<>(List.of(System.getProperty(BUILT, "").split(",")));
      names.remove("");
      setups.forEach(setup -> names.add(setup.name()));
      checks.choice(RUNNER, runner, List.copyOf(names));
    }
    return chosen.orElse(null);
  }

  /** Returns the runners on the class path. */
  static List<RunnerSetup> setups() {
    return ServiceLoader.load(RunnerSetup.class).stream().map(ServiceLoader.Provider::get).toList();
  }
}
