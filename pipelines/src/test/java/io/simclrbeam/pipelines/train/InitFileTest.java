package io.simclrbeam.pipelines.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.train.StartingWeights;
import io.simclrbeam.pipelines.cli.CommandRun;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** {@code train --init}, from the command line to the files. */
final class InitFileTest {
  private static final String ENCODER = "encoder.safetensors";

  @TempDir private Path folder;
  private Path given;

  /**
   * Trains what the others begin with: with another seed, other steps and another size of views.
   */
  @BeforeEach
  void trainOne() {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("images"), "--images=10", "--size=16");
    given = folder.resolve("given");
    expecting(0, given, "--seed=9", "--steps=1", "--imageSize=16");
  }

  @Test
  void aRunBeginsWithAModelAndGoesOnWithoutIt() throws IOException {
    String init = "--init=" + given;
    Path model = folder.resolve("model");
    assertThat(log(() -> expecting(0, model, init)))
        .isEqualTo("The encoder begins with %s: 100 tensors.".formatted(given));
    Map<String, Tensor> weights = read(given.resolve(ENCODER));
    Path first = model.resolve("checkpoints/step-00000000/state.safetensors");
    Map<String, Tensor> begun = read(first);
    weights.forEach(
        (name, tensor) -> {
          if (!name.endsWith("num_batches_tracked")) {
            assertThat(begun.get(name).data()).as(name).isEqualTo(tensor.data());
          }
        });
    StartingWeights start =
        new StartingWeights(
            given.toString(), Sha256.of(Files.readAllBytes(given.resolve(ENCODER))));
    assertThat(ModelCard.read(new BeamFileStore(model.toString())).settings().init())
        .isEqualTo(start);

    Path fresh = folder.resolve("fresh");
    expecting(0, fresh);
    Map<String, Tensor> others = read(fresh.resolve("checkpoints/step-00000000/state.safetensors"));
    assertThat(others.keySet()).containsExactlyElementsOf(begun.keySet());
    others.forEach(
        (name, tensor) -> {
          if (!weights.containsKey(name)) { // head and optimizer
            assertThat(begun.get(name).data()).as(name).isEqualTo(tensor.data());
          }
        });
    assertThat(fresh.resolve(ENCODER)).isRegularFile();
    byte[] trained = Files.readAllBytes(model.resolve(ENCODER));
    assertThat(Files.readAllBytes(fresh.resolve(ENCODER))).isNotEqualTo(trained);

    Path again = folder.resolve("again");
    expecting(0, again, init);
    assertThat(again.resolve(ENCODER)).hasBinaryContent(trained);

    Files.move(given, folder.resolve("elsewhere"));
    Files.delete(again.resolve("model.json"));
    Files.delete(again.resolve("checkpoints/step-00000002/checkpoint.json"));
    Files.delete(again.resolve(ENCODER));
    assertThat(log(() -> expecting(0, again, init))).isEmpty();
    assertThat(again.resolve(ENCODER)).hasBinaryContent(trained);
    expecting(0, again, init); // the finished model

    assertThat(expecting(2, again).err())
        .contains("init is %s there, but none is asked for".formatted(given));
    assertThat(expecting(2, again, "--init=elsewhere").err())
        .contains(
            "init is %s there, but %s is asked for"
                .formatted(given, Path.of("elsewhere").toAbsolutePath()))
        .doesNotContain("sha256");
    assertThat(expecting(2, fresh, init).err())
        .contains("init is none there, but %s is asked for".formatted(given));
  }

  @Test
  void aFileIsTakenAsItIsWithoutSteps() throws IOException {
    Map<String, Tensor> file = new LinkedHashMap<>();
    Map<String, Tensor> weights = read(given.resolve(ENCODER));
    weights.forEach((name, tensor) -> file.put("module." + name, tensor));
    file.put("module.fc.weight", Tensor.of(List.of(1L), 1f));
    Path init = write(file);
    Path model = folder.resolve("model");
    assertThat(log(() -> expecting(0, model, "--init=" + init.toUri(), "--steps=0")))
        .isEqualTo(
            "The encoder begins with %s: 100 tensors, whose names begin with module.; left out: module.fc.weight."
                .formatted(init));
    Map<String, Tensor> exported = read(model.resolve(ENCODER));
    assertThat(exported.keySet()).containsExactlyElementsOf(weights.keySet());
    exported.forEach(
        (name, tensor) -> {
          if (!name.endsWith("num_batches_tracked")) {
            assertThat(tensor.data()).as(name).isEqualTo(weights.get(name).data());
          }
        });
  }

  @Test
  void aFileOfAnotherNetworkIsRefusedAndTheFolderStaysFree() throws IOException {
    Map<String, Tensor> file = new LinkedHashMap<>(read(given.resolve(ENCODER)));
    file.remove("bn1.bias");
    file.put("layer1.2.conv1.weight", Tensor.of(List.of(1L), 1f));
    Path init = write(file);
    Path model = folder.resolve("model");
    for (String size : List.of("--imageSize=8", "--imageSize=auto")) {
      CommandRun run = expecting(2, model, "--init=" + init, "--stem=imagenet", size);
      assertThat(run.err())
          .contains("--init=%s does not fit --encoder=resnet18 with images of ".formatted(init))
          .contains("it lacks 1 of 100 tensors: bn1.bias")
          .contains("conv1.weight is [4, 3, 3, 3], but must be [4, 3, 7, 7]")
          .contains("of layers that the network does not have: layer1.2.conv1.weight")
          .contains("--width and --stem")
          .doesNotContain("\tat ");
      assertThat(model.resolve("run.json")).doesNotExist();
    }
    assertThat(expecting(2, model, "--init=" + init, "--encoder=pixels", "--width=1").err())
        .contains("--init is for an encoder with weights, but --encoder is pixels");
    assertThat(expecting(2, model, "--init= ").err()).contains("--init is empty");
    expecting(0, model, "--init=" + given);
  }

  @Test
  void whatIsNoWholeFileIsUnusableBeforeImagesAreRead() throws IOException {
    Path model = folder.resolve("model");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    for (Path nothing : List.of(folder.resolve("none.safetensors"), empty)) {
      assertThat(expecting(3, model, "--init=" + nothing).err())
          .contains(
              "--init=%s is neither a file nor the folder of a finished model".formatted(nothing));
    }
    Path text = Files.writeString(folder.resolve("text"), "no weights at all, but a text", UTF_8);
    assertThat(expecting(3, model, "--init=" + text).err())
        .contains("--init=%s cannot be used: not a safetensors file".formatted(text))
        .doesNotContain("\tat ");
    byte[] bytes = Files.readAllBytes(given.resolve(ENCODER));
    bytes[bytes.length - 1] ^= 1;
    Files.write(given.resolve(ENCODER), bytes);
    assertThat(expecting(3, model, "--init=" + given).err())
        .contains(ENCODER + " is damaged: ", "model.json says");
    assertThat(model.resolve("manifest.avro")).doesNotExist();
  }

  @Test
  void aFileThatHasChangedIsRefusedWhereItIsNeededAgain() throws IOException {
    Path init = write(read(given.resolve(ENCODER)));
    Path model = folder.resolve("model");
    expecting(0, model, "--init=" + init);
    byte[] trained = Files.readAllBytes(model.resolve(ENCODER));
    Files.delete(model.resolve("model.json"));
    for (int step = 0; step <= 2; step++) {
      Files.delete(model.resolve("checkpoints/step-0000000%d/checkpoint.json".formatted(step)));
    }
    byte[] bytes = Files.readAllBytes(init);
    byte[] changed = bytes.clone();
    changed[bytes.length - 1] ^= 1;
    Files.write(init, changed);
    assertThat(expecting(3, model, "--init=" + init).err())
        .contains("is not what it was when this run began", Sha256.of(bytes), Sha256.of(changed));

    Files.write(init, bytes);
    expecting(0, model, "--init=" + init);
    assertThat(model.resolve(ENCODER)).hasBinaryContent(trained);
  }

  private Path write(Map<String, Tensor> tensors) throws IOException {
    Path file = folder.resolve("weights.safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      Safetensors.write(tensors, out);
    }
    return file;
  }

  private static Map<String, Tensor> read(Path file) throws IOException {
    return Safetensors.map(file);
  }

  /** Two steps of a small network, unless said otherwise. */
  private CommandRun expecting(int exitCode, Path model, String... more) {
    Stream<String> usual =
        Stream.of(
                "--imageSize=8",
                "--width=0.0625",
                "--steps=2",
                "--batchSize=4",
                "--checkpointSteps=1",
                "--device=cpu")
            .filter(
                option ->
                    Stream.of(more)
                        .noneMatch(
                            other -> other.startsWith(option.substring(0, option.indexOf('=')))));
    return CommandRun.expecting(
        exitCode,
        Stream.of(
                Stream.of(
                    "train",
                    "--runner=direct",
                    "--input=" + folder.resolve("images"),
                    "--model=" + model),
                usual,
                Stream.of(more))
            .flatMap(options -> options)
            .toArray(String[]::new));
  }

  /** Returns what is said of the weights. */
  private static String log(Runnable job) {
    Logger logger = (Logger) LoggerFactory.getLogger(InitFile.class);
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    logger.addAppender(said);
    try {
      job.run();
    } finally {
      logger.detachAppender(said);
    }
    return said.list.stream().map(ILoggingEvent::getFormattedMessage).collect(joining("\n"));
  }
}
