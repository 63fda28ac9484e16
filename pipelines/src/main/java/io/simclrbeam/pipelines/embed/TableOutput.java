package io.simclrbeam.pipelines.embed;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.TableLoader;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * An output {@code bq://project.dataset.table}. Its runs are first written to files, so that what
 * is said of a run and decides on its publication is the same as elsewhere, and are then loaded.
 *
 * @param table as the user gave it
 */
record TableOutput(String table, TableLoader loader) {
  private static final String SCHEME = "bq://";

  /** Returns whether an output is a table. */
  static boolean is(String output) {
    return output.startsWith(SCHEME);
  }

  /**
   * Returns the table that an output is, or null if it is a folder.
   *
   * @throws IllegalArgumentException if it is a table that cannot be written to
   */
  static @Nullable TableOutput of(String output) {
    if (!is(output)) {
      return null;
    }
    TableLoader loader =
        ServiceLoader.load(TableLoader.class)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s needs the libraries of Google Cloud, which this build is without;"
                                .formatted(output)
                            + " build them in with 'mvn -q -DskipTests -Pgcs package'"));
    loader.check(output);
    return new TableOutput(output, loader);
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
    return "%s/simclr/%s/".formatted(tempLocation.replaceFirst("/+$", ""), name());
  }

  /** Returns the name without the scheme; a colon, which a project's domain has, is no file's. */
  private String name() {
    return table.substring(SCHEME.length()).replace(':', '_');
  }
}
