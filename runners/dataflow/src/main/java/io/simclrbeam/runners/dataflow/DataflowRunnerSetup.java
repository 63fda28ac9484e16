package io.simclrbeam.runners.dataflow;

import io.simclrbeam.pipelines.runner.CommandDescription;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.beam.runners.dataflow.DataflowRunner;
import org.apache.beam.runners.dataflow.options.DataflowPipelineOptions;
import org.apache.beam.sdk.options.ExperimentalOptions;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * Runs jobs on Google Cloud Dataflow, as batch: {@link JobKind#PIPELINED} ones too, which are
 * therefore cut into rounds.
 */
public final class DataflowRunnerSetup implements RunnerSetup {
  /** Dataflow's shuffle takes so much within minutes, and it makes a job worth its start. */
  private static final long STAGE_BYTES = 64L << 30;

  private static final String RUNNER_V2 = "use_runner_v2";

  @Override
  public String name() {
    return "dataflow";
  }

  @Override
  public OptionalLong stageBytes() {
    return OptionalLong.of(STAGE_BYTES);
  }

  @Override
  public void configure(PipelineOptions options, JobKind kind) {
    DataflowPipelineOptions dataflow = options.as(DataflowPipelineOptions.class);
    dataflow.setRunner(DataflowRunner.class);
    dataflow.setStreaming(false);
    // Only runner v2 has accelerators for single steps.
    ExperimentalOptions.addExperiment(options.as(ExperimentalOptions.class), RUNNER_V2);
  }

  @Override
  public Optional<byte[]> template(String image, CommandDescription command) {
    return Optional.of(FlexTemplate.of(image, command).json());
  }

  @Override
  public boolean runsElsewhere(PipelineOptions options) {
    return true;
  }

  @Override
  public boolean isDetached(PipelineOptions options) {
    return !isEmpty(options.as(DataflowPipelineOptions.class).getTemplateLocation());
  }

  @Override
  public boolean needsOptions() {
    return true;
  }

  /** Beam itself would report one after the other. */
  @Override
  public List<String> problems(PipelineOptions given) {
    DataflowPipelineOptions options = given.as(DataflowPipelineOptions.class);
    List<String> problems = new ArrayList<>();
    if (isEmpty(options.getProject())) {
      problems.add("--project=ID is missing, and gcloud has no default");
    }
    if (isEmpty(options.getRegion())) {
      problems.add("--region=NAME is missing, and gcloud has no default");
    }
    if (isEmpty(options.getTempLocation())) {
      problems.add("--tempLocation=gs://BUCKET/FOLDER is missing");
    } else if (!options.getTempLocation().startsWith("gs://")) {
      problems.add(
          "--tempLocation must be gs://BUCKET/FOLDER, but is '%s'"
              .formatted(options.getTempLocation()));
    }
    return problems;
  }

  private static boolean isEmpty(String value) {
    return value == null || value.isEmpty();
  }
}
