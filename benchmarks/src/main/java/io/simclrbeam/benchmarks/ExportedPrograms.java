package io.simclrbeam.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.inference.FrozenProgram;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Writes the archives that training and embedding run, with new weights, for programs that load
 * them without Java: {@code benchmarks/gpu/check.py}. Computes nothing itself.
 */
public final class ExportedPrograms {
  private ExportedPrograms() {}

  /** Takes a folder, the depth of a ResNet such as resnet18, its width, and the side of a view. */
  public static void main(String[] args) throws IOException {
    write(Path.of(args[0]), args[1], Double.parseDouble(args[2]), Integer.parseInt(args[3]));
  }

  static void write(Path folder, String depth, double width, int size) throws IOException {
    Files.createDirectories(folder);
    ResNet encoder =
        new ResNet(
            ResNet.Depth.valueOf(depth.toUpperCase(Locale.ROOT)),
            AugmentSettings.isSmall(size) ? ResNet.Stem.CIFAR : ResNet.Stem.IMAGENET,
            width,
            false);
    TrainingSettings settings =
        TrainingSettings.simclr(size).encoder(encoder).optimizer(AdamW.of(1e-4)).build();
    for (Precision precision : Precision.values()) {
      if (precision.isTrainable()) {
        ScriptProgram step = settings.toBuilder().precision(precision).build().program().write();
        Map<String, Tensor> weights = step.initialize(settings.streams());
        write(step, weights, folder.resolve("step-%s.pt".formatted(precision.code())));
        // As on a GPU: oneDNN's convolutions are of x86 processors.
        FrozenProgram frozen =
            new FrozenProgram(encoder, size, settings.normalization(), precision, false);
        write(
            frozen.write(),
            frozen.fold(weights),
            folder.resolve("encoder-%s.pt".formatted(precision.code())));
      }
    }
    ObjectNode about = Json.MAPPER.createObjectNode();
    about.put("encoder", depth).put("width", width).put("image_size", size);
    about.put("views", settings.viewsPerImage()).put("dimension", encoder.dimension(size));
    Files.writeString(folder.resolve("programs.json"), Json.PRETTY.writeValueAsString(about));
  }

  private static void write(ScriptProgram program, Map<String, Tensor> values, Path file)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      program.write(values, out);
    }
  }
}
