package io.simclrbeam.pipelines.embed;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.TableLoader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * An output that is a table, such as {@code bq://project.dataset.table}. Its runs are first written
 * to files, so that the manifest and the gates are the same as elsewhere, and are then loaded.
 *
 * @param table as the user gave it
 * @param name of the table, without the scheme
 */
record TableOutput(String table, String name, TableLoader loader) {
  private static final Pattern ADDRESS = Pattern.compile("([a-z][a-z0-9+.-]*)://(.*)");

  /** The Maven profile that brings the loader of each scheme. */
  private static final Map<String, String> PROFILES = Map.of("bq", "gcs");

  /**
   * Returns the table that an output is, or null if it is a folder.
   *
   * @throws IllegalArgumentException if it is a table that cannot be written to
   */
  static @Nullable TableOutput of(String output) {
    Matcher address = ADDRESS.matcher(output);
    if (!address.matches()) {
      return null;
    }
    String scheme = address.group(1);
    List<TableLoader> all = loaders();
    List<TableLoader> loaders =
        all.stream().filter(loader -> loader.scheme().equals(scheme)).toList();
    if (loaders.size() > 1) {
      throw new IllegalArgumentException(
          "%s has several loaders on the class path, %s; leave one of them there"
              .formatted(output, String.join(", ", names(loaders))));
    }
    if (loaders.isEmpty()) {
      String profile = PROFILES.get(scheme);
      if (profile == null) {
        return null;
      }
      throw new IllegalArgumentException(
          "%s needs a loader that this build does not have; build it in with 'mvn -q -DskipTests -P%s package'%s"
              .formatted(
                  output, profile, all.isEmpty() ? "" : ", or choose a table of " + schemes()));
    }
    loaders.get(0).check(output);
    return new TableOutput(output, address.group(2), loaders.get(0));
  }

  private static List<TableLoader> loaders() {
    return ServiceLoader.load(TableLoader.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  private static List<String> names(List<TableLoader> loaders) {
    return loaders.stream().map(loader -> loader.getClass().getName()).sorted().toList();
  }

  /** Returns the schemes of the tables that this build can write to, such as {@code bq://}. */
  static String schemes() {
    return loaders().stream()
        .map(loader -> loader.scheme() + "://")
        .sorted()
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /**
   * Makes sure that runs can be loaded.
   *
   * @throws JobException if the database refuses
   * @throws IOException if it cannot be asked
   */
  void rehearse(VectorFormat vectors, PipelineOptions options) throws IOException {
    try {
      loader.rehearse(table, vectors, options);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          ExitCode.USAGE,
          "Nothing could be loaded into --output=%s: %s.".formatted(table, e.getMessage()),
          e);
    }
  }

  /**
   * Returns the folder for the files.
   *
   * @param tempLocation Beam's option
   * @throws JobException if there is none
   */
  String folder(@Nullable String tempLocation) {
    if (tempLocation == null) {
      throw new JobException(
          ExitCode.USAGE,
          "--output=%s needs --tempLocation=gs://BUCKET/FOLDER: files are written there, and loaded from there."
              .formatted(table));
    }
    // A project's domain has a colon, which names of files must not have.
    return "%s/simclr/%s/".formatted(tempLocation.replaceFirst("/+$", ""), name.replace(':', '_'));
  }
}
