package io.simclrbeam.pipelines.train;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.loss.SupCon;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.cli.CommandRun;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class TrainJobTest {
  private static final String PROGRESS = "io.simclrbeam.model.train.Progress";

  @TempDir private Path folder;

  @Test
  void aRunGoesOnWhereItsLastCheckpointIsDamaged() throws IOException {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("images"), "--images=20", "--size=8");
    Path model = folder.resolve("model");
    train(model);
    byte[] weights = Files.readAllBytes(model.resolve("encoder.safetensors"));

    Path state = model.resolve("checkpoints/step-00000004/state.safetensors");
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length - 1] ^= 1;
    Files.write(state, bytes);
    Files.delete(model.resolve("model.json"));
    Files.delete(model.resolve("encoder.safetensors"));
    train(model);

    assertThat(model.resolve("model.json")).exists();
    assertThat(model.resolve("encoder.safetensors")).hasBinaryContent(weights);
  }

  @Test
  void aBatchOfMoreImagesThanThereAreIsRefusedBeforeAnyIsDecoded() {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("few"), "--images=4", "--size=8");
    Path model = folder.resolve("model");
    String[] command = {
      "train",
      "--runner=direct",
      "--input=" + folder.resolve("few"),
      "--model=" + model,
      "--imageSize=8",
      "--width=0.0625",
      "--batchSize=5",
      "--steps=1"
    };
    assertThat(CommandRun.expecting(2, command).err())
        .contains("--batchSize=5 needs at least as many images, but there are 4.");
    assertThat(model).doesNotExist();

    command[command.length - 1] = "--steps=0"; // which needs no batch
    CommandRun.expecting(0, command);
    assertThat(model.resolve("model.json")).exists();
  }

  @Test
  void theSizeFitsTheImagesUnlessItIsGiven() throws IOException {
    sample(24);
    Path model = folder.resolve("model");

    assertThat(log("--model=" + model, "--steps=0"))
        .contains(
            "The images' shorter side is 24 pixels (the median), so --imageSize is 32, and with it"
                + " --stem=cifar --jitterStrength=0.5 --blur=false.");
    TrainingSettings fitting = settings(model);
    assertThat(fitting.views()).isEqualTo(AugmentSettings.simclr(32));
    assertThat(fitting.encoder())
        .isEqualTo(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 1.0 / 16, true));

    Path other = folder.resolve("other");
    assertThat(log("--model=" + other, "--steps=0", "--imageSize=72", "--stem=cifar"))
        .doesNotContain("--imageSize");
    TrainingSettings given = settings(other);
    assertThat(given.views()).isEqualTo(AugmentSettings.simclr(72));
    assertThat(given.encoder()).isEqualTo(fitting.encoder());
  }

  @Test
  void whatDoesNotGoWithTheSizeThatFitsIsRefusedBeforeTraining() {
    sample(100);
    Path model = folder.resolve("model");

    String[] command =
        command("--model=" + model, "--steps=0", "--batchSize=65536", "--blurKernel=193");
    assertThat(CommandRun.expecting(2, command).err())
        .contains("--blurKernel does not fit --imageSize=96", "at most 191")
        .contains("--batchSize=65536 with --imageSize=96 and --views=2 makes 3.6 GB of views");
    assertThat(model.resolve("run.json")).doesNotExist();
    assertThat(model.resolve("model.json")).doesNotExist();

    CommandRun.expecting(0, command("--model=" + model, "--steps=0"));
    assertThat(model.resolve("model.json")).exists();
  }

  @Test
  void aRunKeepsItsSize() throws IOException {
    sample(24);
    Path fitting = folder.resolve("fitting");
    Path given = folder.resolve("given");
    String[] steps = {"--steps=2", "--batchSize=4"};
    for (Path model : List.of(fitting, given)) {
      String size = model.equals(given) ? "--imageSize=16" : "--imageSize=auto";
      CommandRun.expecting(0, command("--model=" + model, steps[0], steps[1], size));
      TrainingSettings settings = settings(model);
      byte[] weights = Files.readAllBytes(model.resolve("encoder.safetensors"));

      assertThat(log("--model=" + model, steps[0], steps[1]))
          .contains("The finished model is already in")
          .doesNotContain("--imageSize");
      Files.delete(model.resolve("model.json"));
      assertThat(log("--model=" + model, steps[0], steps[1])).doesNotContain("--imageSize");
      assertThat(settings(model)).isEqualTo(settings);
      assertThat(model.resolve("encoder.safetensors")).hasBinaryContent(weights);
    }
    assertThat(CommandRun.expecting(2, command("--model=" + fitting, "--imageSize=16")).err())
        .contains("views.size is 32 there, but 16 is asked for");
  }

  @Test
  void supConNeedsImagesOfSeveralClasses() throws IOException {
    sample(8);
    Path flat = Files.createDirectory(folder.resolve("flat"));
    Path single = Files.createDirectories(folder.resolve("single/cats"));
    try (Stream<Path> images = Files.walk(folder.resolve("images"))) {
      for (Path image : images.filter(Files::isRegularFile).toList()) {
        String name = image.getParent().getFileName() + "-" + image.getFileName();
        Files.copy(image, flat.resolve(name));
        Files.copy(image, single.resolve(name));
      }
    }
    String[] options = {"--loss=supcon", "--imageSize=8", "--batchSize=4", "--steps=2"};
    Path model = folder.resolve("model");
    String[] arguments = append(options, "--model=" + model);
    assertThat(CommandRun.expecting(2, on(flat, arguments)).err())
        .contains("--loss=supcon needs images with labels, but none of the 10 images has one.")
        .contains("the name of an image's folder below --input, or what --labelField names");
    assertThat(model.resolve("run.json")).doesNotExist();

    Path other = folder.resolve("other");
    assertThat(
            CommandRun.expecting(2, on(single.getParent(), append(options, "--model=" + other)))
                .err())
        .contains("at least two classes, but the label of all 10 images is 'cats'.");

    Path labeled = folder.resolve("labeled");
    CommandRun.expecting(0, command(append(options, "--model=" + labeled)));
    assertThat(settings(labeled).loss()).isEqualTo(new SupCon(0.5));
  }

  /** As on a share that is mounted to be read. */
  @Test
  void aFinishedModelInAFolderThatMayNotBeWrittenIsThere() throws IOException {
    sample(8);
    Path model = folder.resolve("model");
    String[] command = {"--model=" + model, "--steps=1", "--batchSize=4", "--imageSize=8"};
    CommandRun.expecting(0, command(command));
    Set<PosixFilePermission> before = Files.getPosixFilePermissions(model);
    Files.setPosixFilePermissions(model, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assumeFalse(Files.isWritable(model), "root may write everywhere");
      assertThat(log(command)).contains("The finished model is already in " + model);
    } finally {
      Files.setPosixFilePermissions(model, before);
    }
  }

  /** The last line of progress comes at the last step, however fast training is. */
  @Test
  void progressSaysWhatProbesFind() throws IOException {
    sample(8);
    String[] steps = {"--steps=3", "--batchSize=8", "--imageSize=8"};
    Path without = folder.resolve("without");
    assertThat(log(PROGRESS, append(steps, "--model=" + without)))
        .contains("step 3 of 3")
        .doesNotContain("RankMe");
    Path probed = folder.resolve("probed");
    assertThat(log(PROGRESS, append(steps, "--model=" + probed, "--probeEpochs=1")))
        .containsPattern(
            "step 3 of 3.*, kNN top-1 \\d+\\.\\d %, RankMe \\d\\.\\d, std 0\\.\\d{4} at step 3");
    for (String name : List.of("encoder.pt", "encoder.safetensors", "run.json")) {
      assertThat(probed.resolve(name)).hasSameBinaryContentAs(without.resolve(name));
    }
  }

  private static String[] append(String[] some, String... more) {
    return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private void sample(int size) {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("images"), "--images=10", "--size=" + size);
  }

  private String[] command(String... more) {
    return on(folder.resolve("images"), more);
  }

  private static String[] on(Path images, String... more) {
    return Stream.concat(
            Stream.of(
                "train", "--runner=direct", "--device=cpu", "--input=" + images, "--width=0.0625"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  /** Trains, and returns what the job said on its way. */
  private String log(String... more) {
    return log(TrainJob.class.getName(), more);
  }

  private String log(String name, String[] more) {
    Logger logger = (Logger) LoggerFactory.getLogger(name);
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    logger.addAppender(said);
    try {
      CommandRun.expecting(0, command(more));
    } finally {
      logger.detachAppender(said);
    }
    return said.list.stream().map(ILoggingEvent::getFormattedMessage).collect(joining("\n"));
  }

  private static TrainingSettings settings(Path model) throws IOException {
    return ModelCard.read(new BeamFileStore(model.toString())).settings();
  }

  private void train(Path model) {
    CommandRun.expecting(
        0,
        "train",
        "--runner=direct",
        "--device=cpu",
        "--input=" + folder.resolve("images"),
        "--imageSize=8",
        "--width=0.0625",
        "--batchSize=8",
        "--steps=4",
        "--checkpointSteps=2",
        "--model=" + model);
  }
}
