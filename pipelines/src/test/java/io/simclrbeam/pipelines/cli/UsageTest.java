package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class UsageTest {
  @Test
  void allProblemsAreListedAtOnce() {
    CommandRun run =
        CommandRun.of(
            "train",
            "--imgSize=32",
            "--batchSize=1",
            "--encoder=vgg",
            "--epochs=3",
            "--steps=5",
            "--targetParallelism=many",
            "images",
            "--model=");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines())
        .containsExactly(
            "simclr train: 9 problems",
            "  there is no option --imgSize; did you mean --imageSize?",
            "  Beam does not accept --targetParallelism=many: Cannot deserialize value of type"
                + " `int` from String \"many\": not a valid `int` value",
            "  'images' is not an option; options are --name=value",
            "  --input=PATH or --manifest=PATH is missing",
            "  --model is empty",
            "  --encoder is 'vgg', but must be resnet18, resnet34, resnet50, resnet101, vit_ti_16, vit_s_16, vit_b_16, vit_l_16 or pixels",
            "  --batchSize is '1', but must be auto, or a whole number from 2 to 65536",
            "  --epochs and --steps both say how long to train; give one of them",
            "  --runner is 'flink', but must be direct",
            "simclr train --help lists what is allowed.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "embed"})
  void onlyAJobThatRunsElsewhereIsHandedOver(String command) {
    assertThat(
            CommandRun.expecting(
                    2,
                    command,
                    "--input=i",
                    "--model=m",
                    "--output=o",
                    "--detach",
                    "--runner=direct")
                .err())
        .contains("--detach is for jobs on a cluster or in a service");
  }

  /** The runner of these tests has no service that starts templates. */
  @Test
  void aTemplateNeedsARunnerThatHasThem() {
    assertThat(CommandRun.expecting(2, "template", "--image=i", "--output=o.json").err())
        .contains("no runner of this build has templates; build with -Pgcs for Dataflow's");
  }

  @Test
  void anArgumentThatIsNoTextIsRefused() {
    assertThat(
            CommandRun.expecting(2, "index", "--input=/caf\ufffd", "--output=o", "--runner=direct")
                .err())
        .contains("1 problem", "--input=/caf\ufffd has bytes that are no text in this locale (")
        .contains("file:/PATH with %E9");
  }

  @Test
  void theHelpNamesAllShards() {
    String help = CommandRun.expecting(0, "index", "--help").out().replaceAll("\\s+", " ");
    assertThat(help).contains("shard (.avro, .parquet, .tar, .tfrec, .tfrecord), local");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --width=0            | must be a number from 0.015625 to 8
          --stem=big           | must be auto, imagenet or cifar
          --imageSize=7        | must be auto, or a whole number from 8 to 1024
          --imageSize=1025     | must be auto, or a whole number from 8 to 1024
          --batchSize=32.5     | must be auto, or a whole number from 2 to 65536
          --epochs=0           | must be a whole number from 1 to 1000000
          --steps=-1           | must be a whole number of at least 0
          --temperature=0      | must be a number above 0
          --temperature=NaN    | must be a number above 0
          --temperature=1e999  | must be a number above 0
          --projectionDim=0    | must be a whole number from 1 to 8192
          --projectionLayers=4 | must be a whole number from 2 to 3
          --optimizer=adam     | must be lars, adamw or sgd
          --learningRate=0     | must be auto, sqrt, RATE/N or a number above 0
          --learningRate=fast  | must be auto, sqrt, RATE/N or a number above 0
          --weightDecay=-1     | must be auto, or a number of at least 0
          --warmupEpochs=-1    | must be a whole number from 0 to 1000000
          --jitterStrength=3   | must be auto, or a number from 0 to 2.5
          --blur=yes           | must be auto, true or false
          --exifOrientation=up | must be ignore or apply
          --cropArea=0,1       | must be two numbers MIN,MAX with 0 < MIN <= MAX <= 1
          --cropArea=0.5       | must be two numbers MIN,MAX with 0 < MIN <= MAX <= 1
          --cropArea=0.5,1.1   | must be two numbers MIN,MAX with 0 < MIN <= MAX <= 1
          --cropAspect=2,1     | must be two numbers MIN,MAX with 0 < MIN <= MAX <= 100
          --flipProbability=2  | must be a number from 0 to 1
          --jitterProbability= | must be a number from 0 to 1
          --brightness=-1      | must be auto, or a number from 0 to 100
          --contrast=x         | must be auto, or a number from 0 to 100
          --saturation=101     | must be auto, or a number from 0 to 100
          --hue=0.6            | must be auto, or a number from 0 to 0.5
          --grayscaleProbability=-0.1 | must be a number from 0 to 1
          --blurProbability=1.5 | must be a number from 0 to 1
          --blurSigma=a,b      | must be two numbers MIN,MAX with 0 < MIN <= MAX <= 1000
          --blurKernel=4       | must be auto, or an odd number
          --blurKernel=449     | must be auto, or a whole number from 1 to 447
          --interpolation=area | must be bilinear or bicubic
          --precision=fp16     | must be auto, fp32 or bf16
          --precision=int8     | must be auto, fp32 or bf16
          --device=gpu         | must be auto, cpu or cuda:N with the number of a GPU
          --seed=x             | must be a whole number
          --checkpointSteps=0  | must be a whole number of at least 1
          --checkpointMinutes=0 | must be a whole number from 1 to 100000
          --probeEpochs=-1     | must be a whole number from 0 to 1000000
          --maxPixels=0        | must be a whole number of at least 1
          --runner=spark       | must be direct
          """)
  void aBadValueIsShownWithWhatIsAllowed(String argument, String allowed) {
    CommandRun run = train(argument);

    String[] parts = argument.split("=", 2);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .contains("  %s is '%s', but %s".formatted(parts[0], parts[1], allowed));
    assertThat(run.err()).startsWith("simclr train: 1 problem");
  }

  @Test
  void probesAreAskedForWhereTheyMakeSense() {
    assertThat(train("--probeEpochs=1", "--probeImages=9").err())
        .contains("--probeImages is '9', but must be a whole number from 10 to 20000");
    assertThat(train("--probeImages=100").err())
        .contains("--probeImages is of --probeEpochs=N, which is 0; give that, too");
    assertThat(train("--probeEpochs=1", "--steps=0").err())
        .contains("--probeEpochs looks at training, but with --steps=0 there is none");
  }

  @Test
  void rejectLimitsAreParsed() {
    assertThat(train("--maxRejects=lots").err())
        .contains("--maxRejects: 'lots' is neither a percentage such as 5% nor a number");
  }

  /** Embeds images of a with a model of b; where to is left to the arguments. */
  private static CommandRun embed(String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("embed", "--runner=direct", "--input=a", "--model=b"), Stream.of(more))
            .toArray(String[]::new));
  }

  /** Said before any work, and with all other problems. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "index --input=a --output=FILE --runner=direct",
        "index --input=a --output=o --pack=FILE --runner=direct",
        "train --input=a --model=FILE/model --runner=direct",
        "embed --input=a --model=m --output=FILE --runner=direct",
        "views --input=a --output=FILE/views.png --runner=direct",
        "dedup --embeddings=a --output=FILE --runner=direct",
        "evaluate --train=a --test=b --output=FILE/results.json",
        "neighbors --embeddings=a --query=b --output=FILE/results.json",
        "export a --output=FILE/all.csv",
        "sample --output=FILE"
      })
  void aFileIsNoFolder(String command) {
    String file = getClass().getResource("/one-pixel.png").getPath();
    CommandRun run = CommandRun.of(command.replace("FILE", file).split(" "));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err())
        .contains(": 1 problem", "=" + file)
        .contains(" cannot be written: %s is a file, but must be a folder".formatted(file));
  }

  @Test
  void aFolderIsNoFile() {
    assertThat(CommandRun.expecting(2, "export", "a", "--output=src/test").err())
        .contains("--output=src/test is a folder, but must be a file");
  }

  @Test
  void argumentsMayStandInAFile(@TempDir Path folder) throws IOException {
    Path within = folder.resolve("within.args");
    Files.writeString(within, "--threshold=95%\r\n");
    Path file = folder.resolve("night.args");
    Files.writeString(
        file,
        """
        # settings of the night
        --embeddings=a

          # an indented line, of a script for example
          @WITHIN
        \t--runner=direct
        @night.args
        """
            .replace("@WITHIN", "@" + within)
            .replace("@night.args", "@" + file));
    assertThat(CommandRun.expecting(2, "dedup", "@" + file, "--output=" + folder).err().lines())
        .containsExactly(
            "simclr dedup: 1 problem",
            "  --threshold is '95%', but must be a number from 0.5 to 1",
            "simclr dedup --help lists what is allowed.");
    assertThat(CommandRun.expecting(2, "show", "@" + folder.resolve("none")).err())
        .contains("1 problem", "stands for a file of arguments, but there is no file ");
    assertThat(CommandRun.expecting(2, "@" + folder.resolve("none")).err())
        .contains("1 problem", "stands for a file of arguments, but there is no file ");
  }

  @Test
  void argumentsInAFileThatIsNoTextAreRefused(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("night.args"), new byte[] {'-', '-', (byte) 0xe9});
    assertThat(CommandRun.expecting(2, "show", "@" + file).err())
        .contains("there is no file " + file + " that can be read as UTF-8");
  }

  @Test
  void helpIsAskedForInThreeWays() {
    String help = CommandRun.expecting(0, "export", "--help").out();
    assertThat(help).contains("simclr export DATASET --output=FILE");
    assertThat(CommandRun.expecting(0, "export", "-h").out()).isEqualTo(help);
    assertThat(CommandRun.expecting(0, "help", "export").out()).isEqualTo(help);
    assertThat(CommandRun.expecting(2, "help", "exprot").err().lines())
        .containsExactly(
            "simclr: 1 problem",
            "  there is no command 'exprot'; did you mean export?",
            "simclr --help lists what is allowed.");
  }

  @Test
  void eachHeadingOfTheHelpIsThereOnce() {
    for (CommandLine command : Simclr.commandLine().getSubcommands().values()) {
      assertThat(OptionGroup.of(command.getCommandSpec()))
          .extracting(OptionGroup::heading)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void completionKnowsCommandsAndOptions() {
    assertThat(CommandRun.expecting(0, "completion").out())
        .contains("complete -F", "embed", "'--checkpointMinutes'");
  }

  @Test
  void theRunnersThatWereBuiltAreListed() {
    System.setProperty("simclr.runners", "flink,spark");
    try {
      assertThat(train("--runner=sparkle").err())
          .contains("--runner is 'sparkle', but must be direct, flink or spark");
    } finally {
      System.clearProperty("simclr.runners");
    }
  }

  @Test
  void embedChecksItsOwnOptions() {
    CommandRun run =
        embed(
            "--labels=file",
            "--format=csv",
            "--vectors=float64",
            "--codec=gzip",
            "--batchSize=0",
            "--precision=int4",
            "--knn=3");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .containsExactly(
            "simclr embed: 8 problems",
            "  --output=PLACE is missing",
            "  there is no option --knn",
            "  --batchSize is '0', but must be auto, or a whole number from 1 to 65536",
            "  --format is 'csv', but must be auto, avro or parquet",
            "  --vectors is 'float64', but must be auto, float32, float16 or int8",
            "  --codec is 'gzip', but must be auto, deflate, zstandard, snappy or none",
            "  --labels is 'file', but must be none or folder",
            "  --precision is 'int4', but must be auto, fp32, bf16 or int8",
            "simclr embed --help lists what is allowed.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--device=cuda:0", "--accelerator=type:nvidia-l4;count:1"})
  void gpusDoNotComputeIn8Bits(String gpu) {
    CommandRun run = embed("--output=c", "--precision=int8", gpu);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("  --precision=int8 is for CPUs; choose bf16 on a GPU");
  }

  @Test
  void bigQueryNeedsABuildWithIt() {
    CommandRun run = embed("--output=bq://p.d.table");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .contains(
            "  --output: bq://p.d.table needs a loader that this build does not have; build it in"
                + " with 'mvn -q -DskipTests -Pgcs package'");
  }

  @Test
  void dedupChecksItsOwnOptions() {
    CommandRun run =
        CommandRun.of(
            "dedup",
            "--runner=direct",
            "--embeddings=a",
            "--threshold=95%",
            "--cells=5000",
            "--maxCopies=-1",
            "--seed=x",
            "--manifest=");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .containsExactly(
            "simclr dedup: 6 problems",
            "  --output=FOLDER is missing",
            "  --cells is '5000', but must be auto, or a whole number from 1 to 4096",
            "  --threshold is '95%', but must be a number from 0.5 to 1",
            "  --maxCopies is '-1', but must be a whole number from 0 to 4096",
            "  --seed is 'x', but must be a whole number",
            "  --manifest is empty",
            "simclr dedup --help lists what is allowed.");
  }

  @Test
  void neighborsChecksItsOwnOptions() {
    CommandRun run =
        CommandRun.of(
            "neighbors",
            "--embeddings=",
            "--k=0",
            "--search=ann",
            "--device=gpu",
            "--index=",
            "--runner=direct");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .containsExactly(
            "simclr neighbors: 7 problems",
            "  --query=IMAGE is missing",
            "  there is no option --runner",
            "  --embeddings is empty",
            "  --k is '0', but must be a whole number from 1 to 10000",
            "  --device is 'gpu', but must be auto, cpu or cuda:N with the number of a GPU",
            "  --search is 'ann', but must be auto, exact or hnsw",
            "  --index is empty",
            "simclr neighbors --help lists what is allowed.");
  }

  @Test
  void evaluateTakesNoOptionsOfPipelines() {
    CommandRun run = CommandRun.of("evaluate", "--train=a", "--test=b", "--tempLocation=c");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("there is no option --tempLocation");
  }

  @Test
  void anOptionCannotBeGivenTwiceUnlessItIsAList() {
    CommandRun run = train("--input=c", "--seed=1", "--seed=2");

    assertThat(run.err())
        .contains("simclr train: 1 problem")
        .contains("--seed is given more than once");
  }

  @Test
  void pixelsHaveNothingToTrain() {
    String problem = "--encoder=pixels has nothing to train; add --steps=0";

    assertThat(train("--encoder=pixels").err()).contains(problem);
    assertThat(train("--encoder=pixels", "--steps=10").err()).contains(problem);
    assertThat(train("--encoder=pixels", "--steps=0", "--seed=x").err())
        .contains("1 problem")
        .doesNotContain(problem);
  }

  @Test
  void anEncoderHasItsOwnOptions() {
    assertThat(train("--encoder=vit_s_16", "--width=0.5", "--imageSize=30").err())
        .contains("2 problems", "are for a ResNet, but --encoder is vit_s_16")
        .contains(
            "--encoder does not fit --imageSize=30: patches of 16 x 16 pixels do not fill an image of"
                + " 30 x 30");
    assertThat(train("--fixedPatches").err())
        .contains("1 problem", "--fixedPatches is for a ViT, but --encoder is resnet18");
    assertThat(train("--encoder=vit_s").err())
        .contains("--encoder is 'vit_s', but must be")
        .contains("vit_s_16");
    assertThat(train("--encoder=vit_s_0").err()).contains("--encoder is 'vit_s_0', but must be");
  }

  @Test
  void theViewsOfAStepMustFitABuffer() {
    assertThat(train("--batchSize=8192", "--imageSize=224").err())
        .contains("--batchSize=8192 with --imageSize=224 and --views=2 makes 2.5 GB of views");
    assertThat(train("--microBatchSize=1", "--views=1").err())
        .contains("2 problems", "--microBatchSize must be 0 or at least 2, but is 1")
        .contains("--views");
  }

  @ParameterizedTest
  @CsvSource({
    "--tempLoc=x, --tempLocation",
    "--maxreject=5, --maxRejects",
    "--bacthSize=5, --batchSize",
    "--enforceImutability=true, --enforceImmutability"
  })
  void suggestsOurNamesAndBeams(String argument, String meant) {
    assertThat(train(argument).err()).contains("did you mean " + meant + "?");
  }

  @Test
  void anOptionOfBeamIsGivenOnceUnlessItIsAList() {
    CommandRun run = train("--tempLocation=/a", "--tempLocation=/b", "--experiments=a,b");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("1 problem", "--tempLocation is given more than once");

    assertThat(train("--experiments=a", "--experiments=b", "--seed=x").err())
        .contains("1 problem")
        .doesNotContain("--experiments");
  }

  @Test
  void suggestsCommands() {
    CommandRun run = CommandRun.of("evalute", "--knn=3");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("there is no command 'evalute'; did you mean evaluate?");
  }

  @Test
  void withoutACommandTheCommandsAreShown() {
    CommandRun run = CommandRun.of();

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Usage: simclr COMMAND").contains("  evaluate  ");
  }

  @TestFactory
  Stream<DynamicTest> helpOfEachCommandIsComplete() {
    return Simclr.commandLine().getSubcommands().entrySet().stream()
        .filter(entry -> !entry.getValue().getCommandSpec().helpCommand())
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(),
                    () -> assertHelpIsComplete(entry.getKey(), entry.getValue().getCommandSpec())));
  }

  private static void assertHelpIsComplete(String name, CommandSpec command) {
    CommandRun run = CommandRun.of(name, "--help", "--no-such-option", "--batchSize=x");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    String text = run.out().replaceAll("\\s+", " ");
    for (OptionSpec option : command.options()) {
      assertThat(text).contains(OptionGroup.label(option) + " ");
      OptionGroup.defaultValue(option)
          .ifPresent(value -> assertThat(text).contains("(default: " + value + ")"));
    }
    for (ExitCode code : ExitCode.values()) {
      assertThat(run.out()).containsPattern("(?m)^  " + code.code() + "   \\w+");
    }
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void helpNamesTheEncodersAndOptimizersThatThereAre() {
    List<String> names = new ArrayList<>(EncoderOptions.names());
    Stream.of(OptimizationOptions.Rule.values()).map(rule -> rule.code()).forEach(names::add);

    String help = CommandRun.of("train", "--help").out();

    assertThat(names).allSatisfy(name -> assertThat(help).containsPattern("\\b" + name + "\\b"));
  }

  @Test
  void versionSaysWhatIsRunning() {
    CommandRun run = CommandRun.of("--version");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern(
            Pattern.compile("simclr-beam \\d+\\.\\d.*\\RApache Beam 2\\.\\d+\\.\\d+\\RJava \\d+"));
  }

  private static CommandRun train(String... arguments) {
    List<String> all = new ArrayList<>(List.of("train", "--input=a", "--model=b"));
    if (Arrays.stream(arguments).noneMatch(argument -> argument.startsWith("--runner"))) {
      all.add("--runner=direct");
    }
    all.addAll(List.of(arguments));
    return CommandRun.of(all.toArray(String[]::new));
  }
}
