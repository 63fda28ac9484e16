package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.BlurSettings;
import io.simclrbeam.model.augment.CropSettings;
import io.simclrbeam.model.augment.Interpolation;
import io.simclrbeam.model.augment.JitterSettings;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.train.ProbePlan;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.dedup.DedupArgs;
import io.simclrbeam.pipelines.embed.EmbedArgs;
import io.simclrbeam.pipelines.evaluate.EvaluateArgs;
import io.simclrbeam.pipelines.index.IndexArgs;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.pipelines.neighbors.NeighborsArgs;
import io.simclrbeam.pipelines.sample.SampleArgs;
import io.simclrbeam.pipelines.train.TrainArgs;
import io.simclrbeam.pipelines.train.TrainArgs.LearningRate;
import io.simclrbeam.pipelines.views.ViewsArgs;
import io.simclrbeam.transforms.dataset.AsOf;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.dataset.QualityGates;
import io.simclrbeam.transforms.dedup.DedupSpec;
import io.simclrbeam.transforms.images.ImageFilter;
import io.simclrbeam.transforms.images.ImageLimit;
import io.simclrbeam.transforms.images.RecordFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandArgsTest {
  private final Checks checks = new Checks();

  @Test
  void trainLeavesWhatIsNotGivenAtItsDefaults() {
    TrainArgs args = train();

    assertThat(args)
        .returns(inputs("photos"), TrainArgs::source)
        .returns("out", TrainArgs::model)
        .returns(null, TrainArgs::imageSize)
        .returns(ExifOrientation.IGNORE, TrainArgs::exifOrientation)
        .returns(0L, TrainArgs::seed)
        .returns(new ImageLimit(5, true), TrainArgs::maxRejects);
    for (int size : List.of(32, 224)) {
      assertThat(args.views().apply(size)).isEqualTo(AugmentSettings.simclr(size));
      assertThat(args.problems(size)).isEmpty();
    }
    assertThat(args.network())
        .returns(ProjectionHead.of(128, 2), TrainArgs.Network::head)
        .returns(null, TrainArgs.Network::init);
    assertThat(args.optimization())
        .returns(new NtXent(0.5), TrainArgs.Optimization::loss)
        .returns(Lars.of(1e-6), TrainArgs.Optimization::optimizer)
        .returns(
            new LearningRate(0.3, LearningRate.Scaling.LINEAR),
            TrainArgs.Optimization::learningRate)
        .returns(10, TrainArgs.Optimization::warmupEpochs)
        .returns(100, TrainArgs.Optimization::epochs)
        .returns(null, TrainArgs.Optimization::steps)
        .returns(null, TrainArgs.Optimization::batchSize)
        .returns(null, TrainArgs.Optimization::precision);
    assertThat(args.work())
        .returns("auto", TrainArgs.Work::device)
        .returns("", TrainArgs.Work::accelerator)
        .returns(new CheckpointInterval(500, Duration.ofMinutes(10)), TrainArgs.Work::checkpoints)
        .returns(null, TrainArgs.Work::roundSteps);
    assertThat(checks.problems()).isEmpty();
  }

  @Test
  void trainTakesEverythingThatIsGiven() {
    TrainCommand command =
        parse(
            TrainCommand.class,
            "train",
            "--input=photos",
            "--input=gs://bucket/*.tar",
            "--model=out",
            "--encoder=resnet50",
            "--init=gs://bucket/weights.safetensors",
            "--width=0.25",
            "--stem=cifar",
            "--zeroInitResidual=false",
            "--exifOrientation=apply",
            "--imageSize=32",
            "--batchSize=64",
            "--steps=1000",
            "--temperature=0.1",
            "--projectionDim=64",
            "--projectionLayers=3",
            "--projectionHidden=96",
            "--optimizer=sgd",
            "--nesterov",
            "--learningRate=1e-3",
            "--weightDecay=0",
            "--warmupEpochs=0",
            "--jitterStrength=0.8",
            "--blur=true",
            "--interpolation=bicubic",
            "--precision=bf16",
            "--device=cuda:1",
            "--seed=-7",
            "--checkpointSteps=50",
            "--checkpointMinutes=3",
            "--roundSteps=9",
            "--probeEpochs=4",
            "--probeImages=300",
            "--accelerator=type:nvidia-l4;count:1",
            "--maxRejects=12");

    TrainArgs args = command.args(checks);
    assertThat(args)
        .returns(inputs("photos", "gs://bucket/*.tar"), TrainArgs::source)
        .returns("out", TrainArgs::model)
        .returns(32, TrainArgs::imageSize)
        .returns(ExifOrientation.APPLY, TrainArgs::exifOrientation)
        .returns(-7L, TrainArgs::seed)
        .returns(new ImageLimit(12, false), TrainArgs::maxRejects);
    assertThat(args.views().apply(32))
        .isEqualTo(
            AugmentSettings.simclr(32)
                .withJitter(JitterSettings.ofStrength(0.8, 0.8))
                .withBlur(new BlurSettings(0.5, 0.1, 2, 3))
                .withInterpolation(Interpolation.BICUBIC));
    assertThat(args.network().encoder().apply(32))
        .isEqualTo(new ResNet(ResNet.Depth.RESNET50, ResNet.Stem.CIFAR, 0.25, false));
    assertThat(args.network().init()).isEqualTo("gs://bucket/weights.safetensors");
    assertThat(args.network()).returns(new ProjectionHead(64, 3, 96), TrainArgs.Network::head);
    assertThat(args.optimization())
        .returns(new NtXent(0.1), TrainArgs.Optimization::loss)
        .returns(Sgd.of(0, true), TrainArgs.Optimization::optimizer)
        .returns(
            new LearningRate(1e-3, LearningRate.Scaling.NONE), TrainArgs.Optimization::learningRate)
        .returns(0, TrainArgs.Optimization::warmupEpochs)
        .returns(1000L, TrainArgs.Optimization::steps)
        .returns(64, TrainArgs.Optimization::batchSize)
        .returns(Precision.BF16, TrainArgs.Optimization::precision);
    assertThat(args.work())
        .returns("cuda:1", TrainArgs.Work::device)
        .returns("type:nvidia-l4;count:1", TrainArgs.Work::accelerator)
        .returns(new CheckpointInterval(50, Duration.ofMinutes(3)), TrainArgs.Work::checkpoints)
        .returns(9L, TrainArgs.Work::roundSteps)
        .returns(new ProbePlan(4, 300), TrainArgs.Work::probes);
    assertThat(checks.problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "lars, auto, 1.2, 1e-6, true",
    "lars, sqrt, 2.4, 1e-6, true",
    "sgd, auto, 0.12, 5e-4, true",
    "adamw, auto, 1e-3, 1e-4, false",
    "adamw, 0.5, 0.5, 1e-4, false"
  })
  void everyOptimizerHasItsDefaults(
      String name, String rate, double learningRate, double decay, boolean zeroInit) {
    TrainArgs args =
        train(
            "--batchSize=1024", "--imageSize=32", "--optimizer=" + name, "--learningRate=" + rate);
    Optimizer optimizer =
        switch (name) {
          case "lars" -> Lars.of(decay);
          case "sgd" -> Sgd.of(decay, false);
          default -> AdamW.of(decay);
        };
    assertThat(args.optimization().optimizer()).isEqualTo(optimizer);
    assertThat(args.settings(1024, 32, false).schedule())
        .isEqualTo(new WarmupCosine(learningRate, 10));
    assertThat(args.network().encoder().apply(32))
        .isEqualTo(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 1, zeroInit));
    assertThat(checks.problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"64, CIFAR", "65, IMAGENET"})
  void smallImagesGetTheStemForCifar(int imageSize, ResNet.Stem stem) {
    assertThat(train().network().encoder().apply(imageSize))
        .isEqualTo(new ResNet(ResNet.Depth.RESNET18, stem, 1, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          64  |                                 | --stem=cifar --jitterStrength=0.5 --blur=false
          65  |                                 | --stem=imagenet --jitterStrength=1.0 --blur=true
          64  | --stem=cifar                    | --jitterStrength=0.5 --blur=false
          64  | --encoder=pixels --steps=0      | --jitterStrength=0.5 --blur=false
          224 | --jitterStrength=1 --stem=cifar | --blur=true
          224 | --jitterStrength=2 --blur=false | --stem=imagenet
          """)
  void whatIsGivenDoesNotFollowFromTheSize(int size, @Nullable String given, String following) {
    assertThat(train(given == null ? new String[0] : given.split(" ", -1)).following().apply(size))
        .containsExactly(following.split(" ", -1));
    assertThat(checks.problems()).isEmpty();
  }

  @Test
  void whatDependsOnTheSizeIsJudgedOnceItIsKnown() {
    TrainArgs args = train("--blurKernel=201", "--batchSize=20000");
    assertThat(checks.problems()).isEmpty();
    assertThat(args.problems(128)).isEmpty();
    assertThat(args.problems(224))
        .containsExactly(
            "--batchSize=20000 with --imageSize=224 and --views=2 makes 6.0 GB of views that the"
                + " network sees at once, but 2.1 GB is the most; lower one of them, or give"
                + " --microBatchSize");
    assertThat(train("--batchSize=20000", "--microBatchSize=256").problems(224)).isEmpty();
    assertThat(train("--batchSize=20000", "--microBatchSize=8000").problems(224))
        .containsExactly(
            "--microBatchSize=8000 with --imageSize=224 and --views=2 makes 2.4 GB of views that the"
                + " network sees at once, but 2.1 GB is the most; lower one of them");
    assertThat(train("--batchSize=5000", "--views=4").problems(224)).hasSize(1);
    assertThat(args.problems(64))
        .containsExactly(
            "--blurKernel does not fit --imageSize=64: the blur's kernel is 201 pixels, but must be"
                + " at most 127 for views of 64 pixels");

    train("--imageSize=64", "--blurKernel=201");
    assertThat(checks.problems())
        .containsExactly(
            "--blurKernel is '201', but must be auto, or a whole number from 1 to 127");
  }

  @ParameterizedTest
  @CsvSource({"1000, 256", "256, 256", "255, 128", "200, 128", "3, 2", "1, 2"})
  void theBatchFitsItselfToTheImages(long images, int batch) {
    assertThat(train().settings(images, 32, false))
        .returns(batch, TrainingSettings::batchSize)
        .extracting(TrainingSettings::schedule, InstanceOfAssertFactories.type(WarmupCosine.class))
        .returns(0.3 * batch / 256, WarmupCosine::peak);
    assertThat(train("--batchSize=7").batchSize(images)).isEqualTo(7);
  }

  @Test
  void theWarmupIsATenthOfTheRunAtMost() {
    TrainArgs ten = train("--batchSize=10", "--epochs=100", "--learningRate=0.1");
    TrainArgs given = train("--batchSize=10", "--steps=10000", "--learningRate=0.1");
    TrainArgs none = train("--batchSize=10", "--steps=0", "--learningRate=0.1");

    assertThat(ten.settings(109, 32, false))
        .returns(1000L, TrainingSettings::steps)
        .returns(new WarmupCosine(0.1, 100), TrainingSettings::schedule);
    assertThat(given.settings(109, 32, false))
        .returns(10_000L, TrainingSettings::steps)
        .returns(new WarmupCosine(0.1, 100), TrainingSettings::schedule);
    assertThat(none.settings(109, 32, false).schedule()).isEqualTo(new WarmupCosine(0.1, 0));
  }

  @Test
  void bfloat16IsTakenWhereItIsFastUnlessOneIsChosen() {
    assertThat(train().settings(1000, 32, false).precision()).isEqualTo(Precision.FP32);
    assertThat(train().settings(1000, 32, true).precision()).isEqualTo(Precision.BF16);
    assertThat(train("--precision=fp32").settings(1000, 32, true).precision())
        .isEqualTo(Precision.FP32);
  }

  @Test
  void sample() {
    SampleCommand few = parse(SampleCommand.class, "sample", "--output=o");
    SampleCommand all =
        parse(SampleCommand.class, "sample", "--output=o", "--images=10", "--size=8", "--seed=-1");

    assertThat(few.args(checks)).isEqualTo(new SampleArgs("o", 2000, 32, 0));
    assertThat(all.args(checks)).isEqualTo(new SampleArgs("o", 10, 8, -1));
    assertThat(checks.problems()).isEmpty();
  }

  @Test
  void embed() {
    EmbedCommand few = parse(EmbedCommand.class, "embed", "--input=a", "--model=m", "--output=o");
    EmbedCommand all =
        parse(
            EmbedCommand.class,
            "embed",
            "--input=a",
            "--input=b",
            "--model=m",
            "--output=o",
            "--format=parquet",
            "--vectors=int8",
            "--partMegabytes=7",
            "--codec=none",
            "--labels=folder",
            "--batchSize=8",
            "--device=cpu",
            "--accelerator=type:nvidia-l4;count:1",
            "--precision=bf16",
            "--incremental=true",
            "--recordDeletions",
            "--maxDeletions=7",
            "--canaries=0",
            "--minRankMe=3",
            "--maxNormChange=0.5",
            "--maxFrechet=2",
            "--maxCanaryChange=0.1",
            "--abandonedAfterHours=49",
            "--maxRejects=0");

    assertThat(few.args(checks))
        .returns(inputs("a"), EmbedArgs::source)
        .returns("m", EmbedArgs::model)
        .returns("o", EmbedArgs::output)
        .returns(new EmbedArgs.Format(null, null, null, 0), EmbedArgs::format)
        .returns(false, EmbedArgs::folderLabels)
        .returns(null, EmbedArgs::batchSize)
        .returns("auto", EmbedArgs::device)
        .returns("", EmbedArgs::accelerator)
        .returns(null, EmbedArgs::precision)
        .returns(true, EmbedArgs::incremental)
        .returns(false, EmbedArgs::recordDeletions)
        .returns(64, EmbedArgs::canaries)
        .returns(Duration.ofHours(12), EmbedArgs::patience);
    assertThat(few.args(checks).gates())
        .returns(new ImageLimit(5, true), QualityGates::maxRejects)
        .returns(new ImageLimit(10, true), QualityGates::maxDeletions)
        .returns(2.0, QualityGates::minRankMe)
        .returns(0.25, QualityGates::maxNormChange)
        .returns(1.0, QualityGates::maxFrechet)
        .returns(0.05, QualityGates::maxCanaryChange)
        .returns(Set.of(), QualityGates::always);
    assertThat(all.args(checks))
        .returns(inputs("a", "b"), EmbedArgs::source)
        .returns(
            new EmbedArgs.Format(FileFormat.of("parquet"), VectorFormat.INT8, "none", 7),
            EmbedArgs::format)
        .returns(true, EmbedArgs::folderLabels)
        .returns(8, EmbedArgs::batchSize)
        .returns("cpu", EmbedArgs::device)
        .returns("type:nvidia-l4;count:1", EmbedArgs::accelerator)
        .returns(Precision.BF16, EmbedArgs::precision)
        .returns(true, EmbedArgs::incremental)
        .returns(true, EmbedArgs::recordDeletions)
        .returns(0, EmbedArgs::canaries)
        .returns(Duration.ofHours(49), EmbedArgs::patience);
    assertThat(all.args(checks).gates())
        .returns(new ImageLimit(0, false), QualityGates::maxRejects)
        .returns(new ImageLimit(7, false), QualityGates::maxDeletions)
        .returns(3.0, QualityGates::minRankMe)
        .returns(0.5, QualityGates::maxNormChange)
        .returns(2.0, QualityGates::maxFrechet)
        .returns(0.1, QualityGates::maxCanaryChange)
        .returns(Set.of("minRankMe", "maxNormChange", "maxFrechet"), QualityGates::always);
    assertThat(checks.problems()).isEmpty();
  }

  @Test
  void evaluate() {
    EvaluateCommand few = parse(EvaluateCommand.class, "evaluate", "--train=a", "--test=b");
    EvaluateCommand all =
        parse(
            EvaluateCommand.class,
            "evaluate",
            "--train=a",
            "--test=b",
            "--knn=5",
            "--knnTemperature=0.07",
            "--labelFractions=0.01,0.1",
            "--asOf=2026-11-30T08:00:00Z",
            "--output=r.json");

    assertThat(few.args(checks))
        .isEqualTo(new EvaluateArgs("a", "b", 200, 0.1, List.of(), null, null));
    assertThat(all.args(checks))
        .isEqualTo(
            new EvaluateArgs(
                "a",
                "b",
                5,
                0.07,
                List.of(0.01, 0.1),
                AsOf.parse("2026-11-30T08:00:00Z"),
                "r.json"));
    assertThat(checks.problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "1", "0.1,", "0.1,0.10", "10%", "NaN"})
  void partsOfTheLabelsAreDifferentAndNeitherNoneNorAll(String parts) {
    EvaluateCommand command =
        parse(
            EvaluateCommand.class,
            "evaluate",
            "--train=a",
            "--test=b",
            "--labelFractions=" + parts);
    EvaluateArgs unused = command.args(checks);
    assertThat(checks.problems())
        .singleElement()
        .asString()
        .contains("--labelFractions", "0.01,0.1");
  }

  @Test
  void dedup() {
    DedupCommand few = parse(DedupCommand.class, "dedup", "--embeddings=e", "--output=o");
    DedupCommand all =
        parse(
            DedupCommand.class,
            "dedup",
            "--embeddings=e",
            "--output=o",
            "--threshold=0.9",
            "--cells=7",
            "--maxCopies=0",
            "--seed=-3",
            "--manifest=m/manifest.avro",
            "--asOf=run=20261130T080000Z-1a2b3c4d",
            "--sheet=s.png");

    assertThat(few.args(checks))
        .isEqualTo(new DedupArgs("e", null, "o", new DedupSpec(0.98, 0, 8, 0), null, null));
    assertThat(all.args(checks))
        .isEqualTo(
            new DedupArgs(
                "e",
                AsOf.parse("20261130T080000Z-1a2b3c4d"),
                "o",
                new DedupSpec(0.9, 7, 0, -3),
                "m/",
                "s.png"));
    assertThat(checks.problems()).isEmpty();
  }

  @Test
  void neighbors() {
    NeighborsCommand few =
        parse(NeighborsCommand.class, "neighbors", "--embeddings=e", "--query=a");
    NeighborsCommand all =
        parse(
            NeighborsCommand.class,
            "neighbors",
            "--embeddings=e",
            "--query=a",
            "--query=b",
            "--k=3",
            "--model=m",
            "--device=cpu",
            "--search=hnsw",
            "--asOf=20261130T080000Z-1a2b3c4d",
            "--index=i",
            "--output=o.json",
            "--sheet=s.JPG");

    assertThat(few.args(checks))
        .isEqualTo(
            new NeighborsArgs(
                "e",
                null,
                List.of("a"),
                10,
                null,
                "auto",
                NeighborsArgs.Search.AUTO,
                null,
                null,
                null));
    assertThat(all.args(checks))
        .isEqualTo(
            new NeighborsArgs(
                "e",
                AsOf.parse("20261130T080000Z-1a2b3c4d"),
                List.of("a", "b"),
                3,
                "m",
                "cpu",
                NeighborsArgs.Search.HNSW,
                "i",
                "o.json",
                "s.JPG"));
    assertThat(checks.problems()).isEmpty();
  }

  private static <T> T parse(Class<T> command, String... arguments) {
    return command.cast(
        Simclr.commandLine().parseArgs(arguments).subcommand().commandSpec().userObject());
  }

  @Test
  void views() {
    ViewsCommand few = parse(ViewsCommand.class, "views", "--input=a", "--output=v.png");
    ViewsCommand all =
        parse(
            ViewsCommand.class,
            "views",
            "--manifest=m",
            "--output=v.png",
            "--imageSize=32",
            "--exifOrientation=apply",
            "--cropArea=0.2,0.9",
            "--cropAspect=0.5,2",
            "--interpolation=bicubic",
            "--flipProbability=0.1",
            "--jitterProbability=0.3",
            "--jitterStrength=1.5",
            "--brightness=0.11",
            "--contrast=0.12",
            "--saturation=0.13",
            "--hue=auto",
            "--grayscaleProbability=0.4",
            "--blur=true",
            "--blurProbability=0.6",
            "--blurSigma=0.5,3",
            "--blurKernel=5",
            "--images=2",
            "--pairs=1",
            "--seed=9");

    assertThat(few.args(checks))
        .isEqualTo(
            new ViewsArgs(
                inputs("a"),
                "v.png",
                ExifOrientation.IGNORE,
                AugmentSettings.simclr(224),
                8,
                3,
                0));
    assertThat(all.args(checks))
        .isEqualTo(
            new ViewsArgs(
                new Source(
                    List.of(),
                    RecordFields.AUTO,
                    ImageFilter.ALL,
                    ImageDecoder.MAX_STORED_PIXELS,
                    "m"),
                "v.png",
                ExifOrientation.APPLY,
                new AugmentSettings(
                    32,
                    new CropSettings(0.2, 0.9, 0.5, 2),
                    Interpolation.BICUBIC,
                    0.1,
                    new JitterSettings(0.3, 0.11, 0.12, 0.13, 0.2 * 1.5),
                    0.4,
                    new BlurSettings(0.6, 0.5, 3, 5)),
                2,
                1,
                9));
    assertThat(checks.problems()).isEmpty();
  }

  @Test
  void index() {
    IndexCommand few = parse(IndexCommand.class, "index", "--input=a", "--output=o");
    IndexCommand all =
        parse(
            IndexCommand.class,
            "index",
            "--input=a",
            "--output=o",
            "--imageField=jpeg",
            "--labelField=kind",
            "--pack=p",
            "--maxRejects=1");

    assertThat(few.args(checks))
        .isEqualTo(new IndexArgs(inputs("a"), "o", null, new ImageLimit(5, true)));
    assertThat(all.args(checks))
        .isEqualTo(
            new IndexArgs(
                new Source(
                    List.of("a"),
                    new RecordFields("jpeg", "kind"),
                    ImageFilter.ALL,
                    ImageDecoder.MAX_STORED_PIXELS,
                    null),
                "o",
                "p",
                new ImageLimit(1, false)));
    assertThat(checks.problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"m, m", "m/manifest.avro, m/", "manifest.avro, ./"})
  void aManifestIsGivenByItsFolderOrItsName(String given, String folder) {
    EmbedCommand command =
        parse(EmbedCommand.class, "embed", "--manifest=" + given, "--model=m", "--output=o");

    assertThat(command.args(checks).source())
        .isEqualTo(
            new Source(
                List.of(),
                RecordFields.AUTO,
                ImageFilter.ALL,
                ImageDecoder.MAX_STORED_PIXELS,
                folder));
    assertThat(checks.problems()).isEmpty();
  }

  private TrainArgs train(String... options) {
    List<String> arguments = new ArrayList<>(List.of("train", "--input=photos", "--model=out"));
    arguments.addAll(List.of(options));
    return parse(TrainCommand.class, arguments.toArray(String[]::new)).args(checks);
  }

  private static Source inputs(String... inputs) {
    return new Source(
        List.of(inputs), RecordFields.AUTO, ImageFilter.ALL, ImageDecoder.MAX_STORED_PIXELS, null);
  }
}
