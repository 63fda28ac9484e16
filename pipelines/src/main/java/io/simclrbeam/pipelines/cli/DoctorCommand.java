package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.doctor.DoctorJob;
import io.simclrbeam.pipelines.runner.BeamArguments;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code simclr doctor}. */
@Command(
    name = "doctor",
    description =
        "Checks this machine and, with --flinkMaster=HOST:PORT, a Flink cluster: what works, what is wrong and what to do. Ends with exit code 1 if jobs would fail.")
final class DoctorCommand implements CliCommand {
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public BeamOptions beamOptions() {
    return BeamOptions.ALL;
  }

  @Override
  public Work prepare(Checks checks, List<String> beamArguments) {
    @Nullable RunnerSetup setup = runner.setup(checks);
    return out ->
        DoctorJob.run(Objects.requireNonNull(setup), BeamArguments.parse(beamArguments), out);
  }
}
