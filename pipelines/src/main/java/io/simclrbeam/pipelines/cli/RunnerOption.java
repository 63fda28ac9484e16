package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What executes a job. */
@Command(optionListHeading = "Execution")
final class RunnerOption {
  private static final String RUNNER = "--runner";

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
    List<String> names = setups.stream().map(RunnerSetup::name).sorted().toList();
    if (names.isEmpty()) {
      checks.problem("no runner is on the class path; start this program with bin/simclr");
      return null;
    }
    String name = checks.choice(RUNNER, runner, names);
    return setups.stream().filter(setup -> setup.name().equals(name)).findFirst().orElseThrow();
  }

  /** Returns the runners on the class path. */
  static List<RunnerSetup> setups() {
    return ServiceLoader.load(RunnerSetup.class).stream().map(ServiceLoader.Provider::get).toList();
  }
}
