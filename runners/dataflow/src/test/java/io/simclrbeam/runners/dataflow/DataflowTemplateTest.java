package io.simclrbeam.runners.dataflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.services.dataflow.model.DataflowPackage;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.cli.Simclr;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.embedding.EmbedImages;
import io.simclrbeam.transforms.embedding.EmbeddingSpec;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.training.TrainSimclr;
import io.simclrbeam.transforms.training.TrainingSpec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.beam.model.pipeline.v1.RunnerApi;
import org.apache.beam.runners.dataflow.options.DataflowPipelineDebugOptions;
import org.apache.beam.runners.dataflow.options.DataflowPipelineOptions;
import org.apache.beam.runners.dataflow.util.PackageUtil;
import org.apache.beam.runners.dataflow.util.Stager;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory;
import org.apache.beam.sdk.extensions.gcp.storage.NoopPathValidator;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.vendor.grpc.v1p69p0.com.google.protobuf.InvalidProtocolBufferException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jobs that Dataflow would be given: written as templates, without a network. */
final class DataflowTemplateTest {
  private static final String ACCELERATOR = "type:nvidia-l4;count:1;install-nvidia-driver";

  @TempDir private Path folder;

  @Test
  void onlyTheTrainingStepAsksForTheAccelerator() throws Exception {
    TrainingSettings settings = TrainingSettings.simclr(32).batchSize(64).steps(100).build();
    TrainingSpec spec =
        TrainingSpec.of(
            "gs://bucket/model/",
            1000,
            settings,
            CheckpointInterval.ofSteps(50),
            50,
            "auto",
            "1a2b3c4d");

    RunnerApi.Components job =
        submit(
            pipeline ->
                pipeline.apply(
                    "Train", TrainSimclr.of(spec).inRounds().withAccelerator(ACCELERATOR)));

    assertThat(withAccelerator(job)).containsExactly("Train/Train/ParMultiDo(RoundTrain)");
    assertThat(ofStateOrOrder(job)).as("what the runner need not support").isEmpty();
    assertThat(with(job, "beam:transform:group_by_key:v1"))
        .as("views travel once, to the trainer, and what to make them of before that")
        .containsExactlyInAnyOrder("Train/Spread/Reshuffle/GroupByKey", "Train/Group");
    assertThat(steps(job)).isLessThan(20);
    assertThat(elements(job, "Train/Train/ParMultiDo(RoundTrain)"))
        .as("checkpoints travel by their steps, in the folder of the model")
        .containsExactly("beam:coder:varint:v1");
  }

  @Test
  void onlyTheStepsThatEncodeAskForTheAccelerator() throws Exception {
    RunSpec run = new RunSpec("gs://bucket/out/", "0123456789ab", "run", 0, 8, Map.of(), Map.of());
    EmbeddingSpec spec =
        EmbeddingSpec.builder(run, "gs://bucket/model/")
            .accelerator(ACCELERATOR)
            .comparing(true)
            .recordDeletions(true)
            .canaries(4)
            .build();

    RunnerApi.Components job =
        submit(
            pipeline ->
                pipeline.apply(
                    "Embed",
                    EmbedImages.of(
                        ListImages.in(List.of("gs://bucket/images")).withChunkSize(8), spec)));

    assertThat(withAccelerator(job))
        .containsExactlyInAnyOrder(
            "Embed/Compute/Encode", "Embed/Canaries/Check/ParMultiDo(Check)");
    assertThat(steps(job)).isLessThan(225);
  }

  @Test
  void whatIsMissingIsToldWithAllElse() {
    PrintStream err = System.err;
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    System.setErr(new PrintStream(told, true, UTF_8));
    try {
      assertThat(Simclr.run("dedup", "--runner=dataflow", "--outptu=x")).isEqualTo(2);
    } finally {
      System.setErr(err);
    }
    assertThat(told.toString(UTF_8))
        .contains("there is no option --outptu; did you mean --output?")
        .contains("--embeddings=FOLDER is missing")
        .contains("--tempLocation=gs://BUCKET/FOLDER is missing");
  }

  @Test
  void saysAllThatIsMissing() {
    PipelineOptions options =
        PipelineOptionsFactory.fromArgs("--project=", "--region=", "--tempLocation=/tmp").create();
    assertThat(new DataflowRunnerSetup().problems(options))
        .containsExactly(
            "--project=ID is missing, and gcloud has no default",
            "--region=NAME is missing, and gcloud has no default",
            "--tempLocation must be gs://BUCKET/FOLDER, but is '/tmp'");
  }

  private interface Job {
    void addTo(Pipeline pipeline);
  }

  /** Has the job written as a template, and returns what Dataflow would read. */
  private RunnerApi.Components submit(Job job) throws Exception {
    DataflowPipelineOptions options =
        PipelineOptionsFactory.fromArgs(
                "--project=project",
                "--region=europe-west1",
                "--jobName=simclr",
                "--tempLocation=gs://bucket/temp",
                "--gcpTempLocation=gs://bucket/temp",
                "--stagingLocation=gs://bucket/staging",
                "--templateLocation=" + folder.resolve("template.json"))
            .as(DataflowPipelineOptions.class);
    options.setCredentialFactoryClass(NoopCredentialFactory.class);
    options.setPathValidatorClass(NoopPathValidator.class);
    options.as(DataflowPipelineDebugOptions.class).setStagerClass(FakeStager.class);
    new DataflowRunnerSetup().configure(options, JobKind.PIPELINED);
    Pipeline pipeline = Pipeline.create(options);
    job.addTo(pipeline);
    pipeline.run();
    assertThat(folder.resolve("template.json")).isNotEmptyFile();
    return RunnerApi.Pipeline.parseFrom(FakeStager.pipeline).getComponents();
  }

  private static List<String> withAccelerator(RunnerApi.Components job) {
    return names(
        job,
        transform ->
            job.getEnvironmentsOrDefault(
                    transform.getEnvironmentId(), RunnerApi.Environment.getDefaultInstance())
                .getResourceHintsMap()
                .containsKey("beam:resources:accelerator:v1"));
  }

  /** The number of transforms that are not made of others. */
  private static long steps(RunnerApi.Components job) {
    return job.getTransformsMap().values().stream()
        .filter(transform -> transform.getSubtransformsCount() == 0)
        .count();
  }

  /** The coders of what a transform yields. */
  private static List<String> elements(RunnerApi.Components job, String name) {
    return job.getTransformsMap().values().stream()
        .filter(transform -> transform.getUniqueName().equals(name))
        .flatMap(transform -> transform.getOutputsMap().values().stream())
        .map(output -> job.getPcollectionsOrThrow(output).getCoderId())
        .map(coder -> job.getCodersOrThrow(coder).getSpec().getUrn())
        .toList();
  }

  private static List<String> ofStateOrOrder(RunnerApi.Components job) {
    return names(
        job,
        transform ->
            transform.getSpec().getUrn().equals("beam:transform:pardo:v1")
                && (parDo(transform).getRequiresTimeSortedInput()
                    || parDo(transform).getStateSpecsCount() > 0));
  }

  private static List<String> with(RunnerApi.Components job, String urn) {
    return names(job, transform -> transform.getSpec().getUrn().equals(urn));
  }

  private static RunnerApi.ParDoPayload parDo(RunnerApi.PTransform transform) {
    try {
      return RunnerApi.ParDoPayload.parseFrom(transform.getSpec().getPayload());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> names(
      RunnerApi.Components job, Predicate<RunnerApi.PTransform> wanted) {
    return job.getTransformsMap().values().stream()
        .filter(wanted)
        .map(RunnerApi.PTransform::getUniqueName)
        .toList();
  }

  /** Keeps the pipeline and stages nothing, as there is nowhere to. */
  public static final class FakeStager implements Stager {
    private static volatile byte[] pipeline = new byte[0];

    /** Called by Beam. */
    public static FakeStager fromOptions(PipelineOptions options) {
      return new FakeStager();
    }

    @Override
    public List<DataflowPackage> stageFiles(List<PackageUtil.StagedFile> files) {
      return List.of();
    }

    @Override
    public DataflowPackage stageToFile(byte[] bytes, String name) {
      if (name.startsWith("pipeline")) {
        pipeline = bytes;
      }
      return new DataflowPackage().setName(name).setLocation("gs://bucket/staging/" + name);
    }
  }
}
