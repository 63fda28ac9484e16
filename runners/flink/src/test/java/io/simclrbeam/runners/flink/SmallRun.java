package io.simclrbeam.runners.flink;

import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A training run of seconds: generated images, and the arguments of {@code train} on them. */
record SmallRun(Path folder, int steps) {
  /** Draws so many images to train on. */
  void drawImages(int count) throws IOException {
    drawImages(images(), count);
  }

  /** Draws so many images in a folder. */
  static void drawImages(Path folder, int count) throws IOException {
    int classes = SampleImages.classNames().size();
    Files.createDirectories(folder);
    for (int i = 0; i < count; i++) {
      byte[] png = Png.encode(SampleImages.draw(i % classes, i, 24, 5));
      Files.write(folder.resolve("image-%04d.png".formatted(i)), png);
    }
  }

  Path images() {
    return folder.resolve("images");
  }

  Path model(String name) {
    return folder.resolve(name);
  }

  /** Returns the weights of an undisturbed run inside one process, without checkpoints. */
  byte[] expectedWeights(String... more) throws IOException, InterruptedException {
    String[] arguments = command(more, train("expected", steps, "--parallelism=1"));
    return weights(CommandThread.start(arguments), "expected");
  }

  /** Returns the arguments that train a model of a name, and more, with a checkpoint each step. */
  String[] train(String name, String... more) {
    return train(name, 1, more);
  }

  private String[] train(String name, int checkpointSteps, String... more) {
    return command(
        more,
        "train",
        "--input=" + images(),
        "--model=" + model(name),
        "--encoder=resnet18",
        "--width=0.125",
        "--imageSize=24",
        "--batchSize=16",
        "--steps=" + steps,
        "--checkpointSteps=" + checkpointSteps,
        "--device=cpu");
  }

  /** Returns the arguments that embed images with a model, and more. */
  String[] embed(String name, Path input, Path output, String... more) {
    return command(
        more,
        "embed",
        "--input=" + input,
        "--model=" + model(name),
        "--output=" + output,
        "--batchSize=1", // so that there is time to see it run
        "--device=cpu");
  }

  /** Returns the arguments that look for near duplicates, and more. */
  String[] dedup(Path embeddings, String... more) {
    return command(
        more, "dedup", "--embeddings=" + embeddings, "--output=" + folder.resolve("dedup"));
  }

  private static String[] command(String[] more, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** Waits for training to end well and returns the weights. */
  byte[] weights(RunningCommand training, String name) throws IOException, InterruptedException {
    training.assertDone();
    return weights(name);
  }

  /** Returns the weights of a model whose training has ended. */
  byte[] weights(String name) throws IOException {
    return Files.readAllBytes(model(name).resolve("encoder.safetensors"));
  }

  /** Returns the number of the newest checkpoint with a seal; -1 before there is one. */
  int newestCheckpoint(String name) {
    int newest = -1;
    for (int step = 0; step <= steps; step++) {
      Path checkpoint = model(name).resolve("checkpoints/step-%08d".formatted(step));
      if (Files.exists(checkpoint.resolve("checkpoint.json"))) {
        newest = step;
      }
    }
    return newest;
  }
}
