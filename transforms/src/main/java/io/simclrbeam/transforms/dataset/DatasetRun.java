package io.simclrbeam.transforms.dataset;

import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.ResourceId;

/**
 * A finished run of an embedding data set: a folder {@code model=ID/run=TIME/} with the file {@code
 * _SUCCESS}. A run without it does not exist for readers.
 *
 * @param model the model's id
 * @param name the time when the run began, so that names sort by age
 * @param folder with the run's files; ends in a slash
 */
public record DatasetRun(String model, String name, String folder) implements Serializable {
  private static final Pattern PATH =
      Pattern.compile("model=([^/\\\\]+)[/\\\\]run=([^/\\\\]+)[/\\\\]" + RunManifest.SUCCESS + "$");

  /**
   * Lists the finished runs of a data set, the newest first.
   *
   * @throws FileNotFoundException if there is none
   */
  public static List<DatasetRun> list(String dataset) throws IOException {
    List<DatasetRun> runs = listOf(dataset, "*");
    if (runs.isEmpty()) {
      boolean unfinished = !match(root(dataset) + "model=*/run=*/*").isEmpty();
      throw new FileNotFoundException(
          unfinished
              ? "no run in %s is finished; wait for embed, or run it again if it failed"
                  .formatted(dataset)
              : "there is no embedding data set in %s; embed makes one".formatted(dataset));
    }
    return runs;
  }

  /** Lists the finished runs of one model, the newest first; there may be none. */
  public static List<DatasetRun> listOf(String dataset, String modelId) throws IOException {
    List<DatasetRun> runs = new ArrayList<>();
    String spec = "%smodel=%s/run=*/%s".formatted(root(dataset), modelId, RunManifest.SUCCESS);
    for (ResourceId file : match(spec)) {
      Matcher matcher = PATH.matcher(file.toString());
      if (matcher.find()) {
        runs.add(
            new DatasetRun(
                matcher.group(1), matcher.group(2), file.getCurrentDirectory().toString()));
      }
    }
    runs.sort(Comparator.comparing(DatasetRun::name).thenComparing(DatasetRun::model).reversed());
    return List.copyOf(runs);
  }

  private static String root(String dataset) {
    return dataset.endsWith("/") ? dataset : dataset + "/";
  }

  /** Returns the files with the run's records, in a fixed order. */
  List<ResourceId> parts() throws IOException {
    List<ResourceId> parts = new ArrayList<>();
    for (FileFormat format : FileFormat.values()) {
      parts.addAll(match(folder + "part-*" + format.suffix()));
    }
    return List.copyOf(parts);
  }

  private static List<ResourceId> match(String spec) throws IOException {
    return BeamFiles.list(spec).stream()
        .map(MatchResult.Metadata::resourceId)
        .sorted(Comparator.comparing(ResourceId::toString))
        .toList();
  }
}
