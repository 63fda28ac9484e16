package io.simclrbeam.pipelines.doctor;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.runner.Finding;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.options.PipelineOptions;

/** Prints what this machine and the place where jobs would run can do, and what is wrong. */
public final class DoctorJob {
  private DoctorJob() {}

  /**
   * Checks and prints.
   *
   * @throws JobException if jobs would fail
   */
  public static void run(RunnerSetup runner, PipelineOptions options, PrintWriter out) {
    List<Finding> findings = new ArrayList<>(new MachineCheck(System.getenv()).findings(options));
    findings.addAll(runner.diagnose(options));
    for (Finding finding : findings) {
      out.printf("%-8s %s%n", finding.level().name().toLowerCase(Locale.ROOT), finding.what());
      if (!finding.cure().isEmpty()) {
        out.printf("%-8s   → %s%n", "", finding.cure());
      }
    }
    long problems =
        findings.stream().filter(found -> found.level() == Finding.Level.PROBLEM).count();
    if (problems > 0) {
      throw new JobException(
          ExitCode.FAILED,
          problems == 1 ? "1 problem, see above." : problems + " problems, see above.");
    }
  }
}
