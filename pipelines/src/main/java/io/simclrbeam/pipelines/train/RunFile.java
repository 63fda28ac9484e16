package io.simclrbeam.pipelines.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** {@code run.json} in a model folder: the settings of the run that the folder belongs to. */
public final class RunFile {
  private static final String NAME = "run.json";
  private static final String NEW_WEIGHTS = "none";
  private static final String CURE =
      "It holds the settings of the run, without which training cannot go on as it began. Restore it from a backup, or train in another --model.";

  private RunFile() {}

  /**
   * Takes a new folder for a run, or makes sure that it is this run's.
   *
   * @param manifest the folder's
   * @param source the images asked for
   * @param settings the settings asked for
   * @param init what the encoder is to begin with; read only for a new run. Null for new weights
   * @return the settings asked for, in the version that the folder's run began with, and with the
   *     weights that its encoder began with
   * @throws JobException if the folder belongs to another run, with every difference
   */
  static TrainingSettings claim(
      FileStore model,
      Manifest manifest,
      Source source,
      TrainingSettings settings,
      @Nullable InitFile init)
      throws IOException {
    List<String> differences = new ArrayList<>();
    if (source.manifest() != null) {
      String wanted = Manifest.sha256(new BeamFileStore(source.manifest()));
      if (!wanted.equals(manifest.sha256())) {
        differences.add(difference("the manifest's SHA-256", manifest.sha256(), wanted));
      }
    } else {
      List<String> wanted = source.asked();
      if (!absolute(manifest.inputs()).equals(absolute(wanted))) {
        differences.add(difference("input", manifest.inputs(), wanted));
      }
    }
    boolean exists = exists(model);
    TrainingSettings claimed;
    if (exists) {
      TrainingSettings known = read(model);
      claimed = settings.toBuilder().version(known.version()).init(known.init()).build();
      String before = known.init() == null ? NEW_WEIGHTS : known.init().file();
      String now = init == null ? NEW_WEIGHTS : init.name();
      if (!before.equals(now)) {
        differences.add(difference("init", before, now));
      }
      compare("", Json.MAPPER.valueToTree(known), Json.MAPPER.valueToTree(claimed), differences);
    } else {
      claimed = settings.toBuilder().init(init == null ? null : init.start()).build();
    }
    if (!differences.isEmpty()) {
      throw new JobException(
          ExitCode.USAGE,
          "%s belongs to a run with other settings:%n%s%nGive the same settings to go on with it, or another --model."
              .formatted(model.location(), String.join(System.lineSeparator(), differences)));
    }
    if (!exists) {
      ObjectNode run = Json.MAPPER.createObjectNode();
      run.put(FileKind.FIELD, FileKind.TRAINING_RUN.version());
      run.setAll((ObjectNode) Json.MAPPER.valueToTree(claimed));
      byte[] bytes = Json.PRETTY.writeValueAsBytes(run);
      model.write(NAME, out -> out.write(bytes));
    }
    return claimed;
  }

  /** Returns whether a folder belongs to a run. */
  public static boolean exists(FileStore model) throws IOException {
    return model.exists(NAME);
  }

  /** Returns the side of a view in the run that a folder belongs to; empty for a new folder. */
  static OptionalInt imageSize(FileStore model) throws IOException {
    return exists(model) ? OptionalInt.of(read(model).imageSize()) : OptionalInt.empty();
  }

  /** Manifests of earlier versions have paths as they were given. */
  private static List<String> absolute(List<String> asked) {
    return asked.stream().map(LocalPaths::absolute).toList();
  }

  /** Returns the settings of the run that a folder belongs to. */
  public static TrainingSettings read(FileStore model) throws IOException {
    String file = model.location() + NAME;
    try (InputStream in = model.open(NAME)) {
      return Json.read(
          FileKind.TRAINING_RUN,
          in,
          file,
          CURE,
          run -> TrainingSettings.read(run, run.path(FileKind.FIELD).asInt(0)));
    }
  }

  private static void compare(
      String prefix, JsonNode known, JsonNode wanted, List<String> differences) {
    for (Map.Entry<String, JsonNode> setting : wanted.properties()) {
      String name = prefix + setting.getKey();
      JsonNode before = known.path(setting.getKey());
      JsonNode now = setting.getValue();
      if (now.isObject()) {
        compare(name + ".", before, now, differences);
      } else if (!before.asText().equals(now.asText())) {
        // Compared as text: what was written as 1.0 may be read as 1.
        differences.add(difference(name, before.asText(), now.asText()));
      }
    }
  }

  private static String difference(String name, Object known, Object wanted) {
    return "  %s is %s there, but %s is asked for".formatted(name, known, wanted);
  }
}
