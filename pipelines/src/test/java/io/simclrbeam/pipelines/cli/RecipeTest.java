package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.augment.JitterSettings;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.train.TrainArgs;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

final class RecipeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void setsOptionsThatThereAreToWhatIsAllowed(Recipe recipe) {
    assertThat(settings("--recipe=" + recipe.code()).batchSize()).isGreaterThanOrEqualTo(128);
  }

  @Test
  void givesWhatItsOptionsGive() {
    TrainingSettings settings = settings("--recipe=lightly-cifar10");
    assertThat(settings.optimizer()).isEqualTo(Sgd.of(5e-4, false));
    assertThat(settings)
        .isEqualTo(
            settings(
                "--encoder=resnet18",
                "--imageSize=32",
                "--zeroInitResidual=false",
                "--batchSize=128",
                "--epochs=200",
                "--optimizer=sgd",
                "--learningRate=0.06",
                "--weightDecay=5e-4",
                "--warmupEpochs=0"));
  }

  @Test
  void theHelpNamesAll() {
    String help = CommandRun.expecting(0, "train", "--help").out();
    assertThat(help.replaceAll("\\s+", " ")).contains(Recipe.codes());
  }

  @Test
  void optionsBesideItWin() {
    TrainCommand command = parse("--recipe=google-cifar10", "--batchSize=64", "--steps=5");
    TrainingSettings settings = settings(command);
    assertThat(settings.batchSize()).isEqualTo(64);
    assertThat(settings.steps()).isEqualTo(5);
    assertThat(command.set)
        .hasValueSatisfying(
            set ->
                assertThat(set)
                    .startsWith("Recipe google-cifar10 (github.com/google-research/simclr, README")
                    .contains("--learningRate=2.0/512")
                    .doesNotContain("--batchSize", "--epochs"));
  }

  /** Its source has it in proportion to the batch. */
  @Test
  void theLearningRateFollowsTheBatchSize() {
    assertThat(peak("--recipe=google-cifar10")).isEqualTo(2.0);
    assertThat(peak("--recipe=google-cifar10", "--batchSize=64")).isEqualTo(0.25);
    assertThat(peak("--recipe=google-cifar10", "--batchSize=auto")).isEqualTo(1.0);
    assertThat(peak("--recipe=google-cifar10", "--batchSize=64", "--learningRate=3"))
        .isEqualTo(3.0);
  }

  private double peak(String... options) {
    return ((WarmupCosine) settings(options).schedule()).peak();
  }

  @Test
  void soloLearnsOptimizerAndHeadAreItsOwn() {
    TrainingSettings settings = settings("--recipe=solo-cifar10");
    assertThat(settings.optimizer()).isEqualTo(new Lars(0.9, 1e-4, 0.02, true));
    assertThat(settings.head()).isEqualTo(new ProjectionHead(256, 2, 2048));
    assertThat(settings.views().jitter()).isEqualTo(JitterSettings.ofStrength(0.8, 1));
    assertThat(settings.views().blur().probability()).isEqualTo(0.5);
  }

  @Test
  void anEncoderOfAnotherKindHasNoneOfAResNetsOptions() {
    TrainCommand command = parse("--recipe=lightly-cifar10", "--encoder=vit_ti_4");
    assertThat(settings(command).encoder().name()).isEqualTo("vit_ti_4");
    assertThat(command.set)
        .hasValueSatisfying(
            set -> assertThat(set).doesNotContain("--zeroInitResidual").contains("--epochs=200"));
  }

  @Test
  void whatIsOfLarsIsRefusedWithOtherOptimizers() {
    for (String option : List.of("--clipTrust", "--trustCoefficient=0.02")) {
      assertThat(
              CommandRun.expecting(
                      2,
                      "train",
                      "--input=" + folder,
                      "--model=" + folder.resolve("m"),
                      "--optimizer=sgd",
                      option,
                      "--learningRate=1/0")
                  .err())
          .contains(
              "--trustCoefficient and --clipTrust are of --optimizer=lars, but --optimizer is sgd",
              "--learningRate's N is '0', but must be a whole number from 1 to 65536");
    }
  }

  @Test
  void anotherNameIsRefusedWithThoseThereAre() {
    CommandRun run =
        CommandRun.expecting(
            2, "train", "--input=" + folder, "--model=" + folder.resolve("m"), "--recipe=lightly");
    assertThat(run.err())
        .contains("--recipe is 'lightly', but must be", "lightly-cifar10", "simclr-imagenet");
  }

  private TrainingSettings settings(String... options) {
    return settings(parse(options));
  }

  private static TrainingSettings settings(TrainCommand command) {
    Checks checks = new Checks();
    TrainArgs args = command.args(checks);
    assertThat(checks.problems()).isEmpty();
    return args.settings(50_000, args.imageSize() == null ? 32 : args.imageSize(), false);
  }

  private TrainCommand parse(String... options) {
    CommandLine root = Simclr.commandLine();
    String[] arguments =
        Stream.concat(
                Stream.of("train", "--input=" + folder, "--model=" + folder.resolve("model")),
                List.of(options).stream())
            .toArray(String[]::new);
    return (TrainCommand) root.parseArgs(arguments).subcommand().commandSpec().userObject();
  }
}
