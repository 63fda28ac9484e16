package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.VectorFormat;
import java.io.IOException;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;

/**
 * Loads runs into the tables of a database. Loaders are services: name the class in {@code
 * META-INF/services/io.simclrbeam.transforms.dataset.TableLoader}. Several may be there, each for
 * its scheme.
 */
public interface TableLoader {
  /** Returns what addresses of tables begin with, such as {@code bq} for {@code bq://...}. */
  String scheme();

  /**
   * Checks the address of a table.
   *
   * @param output as the user gave it
   * @throws IllegalArgumentException if it is none; the message says what it must be
   */
  void check(String output);

  /**
   * Makes sure that runs can be loaded, before the first image is read. Tables that are missing may
   * be made.
   *
   * @param output a table
   * @param vectors format of the run's vectors
   * @param options of the pipeline
   * @throws IllegalArgumentException if the database refuses; the message says why
   * @throws IOException if it cannot be asked
   */
  void rehearse(String output, VectorFormat vectors, PipelineOptions options) throws IOException;

  /**
   * Returns the transform that loads a run whose files are complete. It takes whether the run has
   * passed its gates, loads nothing if not, and yields the same once all is loaded.
   *
   * @param output a table
   * @param vectors format of the run's vectors
   */
  PTransform<PCollection<Boolean>, PCollection<Boolean>> load(
      String output, DatasetRun run, VectorFormat vectors);
}
