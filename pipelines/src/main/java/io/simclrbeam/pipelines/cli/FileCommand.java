package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.BeamArguments;
import java.util.List;
import org.apache.beam.sdk.io.FileSystems;

/** A command that runs no pipeline, but whose files may lie wherever Beam's file systems reach. */
interface FileCommand extends CliCommand {
  /** Reads the options without doing anything yet; takes note of all that are wrong. */
  Work prepare(Checks checks);

  /**
   * Returns whether all files are on this machine. Then Beam's other file systems are not looked
   * for, which takes longer than most of these commands.
   */
  default boolean isLocal() {
    return false;
  }

  @Override
  default BeamOptions beamOptions() {
    return BeamOptions.OF_FILE_SYSTEMS;
  }

  @Override
  default Work prepare(Checks checks, List<String> beamArguments) {
    Work work = prepare(checks);
    return out -> {
      if (!isLocal()) {
        FileSystems.setDefaultPipelineOptions(BeamArguments.parse(beamArguments));
      }
      work.run(out);
    };
  }
}
