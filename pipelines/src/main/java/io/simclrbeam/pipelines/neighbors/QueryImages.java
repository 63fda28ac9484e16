package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.neighbors.ImageSearch.Query;
import io.simclrbeam.pipelines.runner.WorkerDevice;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.embedding.ImageFiles;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.io.FileSystems;

/** Image files as queries. */
final class QueryImages {
  private QueryImages() {}

  /** Returns the contents of those queries that are files, by the queries. */
  static Map<String, byte[]> read(Iterable<String> queries) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String query : queries) {
      try (InputStream in =
          Channels.newInputStream(BeamFiles.open(FileSystems.matchNewResource(query, false)))) {
        files.put(query, in.readAllBytes());
      } catch (FileNotFoundException | IllegalArgumentException e) {
        // It is an id.
      }
    }
    return files;
  }

  /**
   * Encodes files as the newest run of a data set was.
   *
   * @throws JobException if one is no usable image
   */
  static Map<String, Query> encode(Map<String, byte[]> files, NeighborsArgs args, CurrentView view)
      throws IOException {
    Map<String, Query> queries = new LinkedHashMap<>();
    if (files.isEmpty() || args.model() == null) {
      return queries;
    }
    RunManifest newest = RunManifest.read(new BeamFileStore(view.runs().get(0).folder()));
    Precision precision = precision(newest, args.device());
    try (ImageFiles encoder = load(args, precision)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        String name = file.getKey();
        try {
          float[] vector = encoder.encode(file.getValue());
          if (vector.length != newest.dimension()) {
            throw new JobException(
                ExitCode.USAGE,
                "--model=%s makes embeddings of %d numbers, but those in %s have %d; give the model that made them."
                    .formatted(args.model(), vector.length, args.embeddings(), newest.dimension()));
          }
          queries.put(name, new Query(name, null, name, null, vector));
        } catch (RejectedImageException e) {
          throw new JobException(
              ExitCode.UNUSABLE_INPUT,
              "--query=%s is no usable image: %s".formatted(name, e.getMessage()));
        }
      }
    }
    return queries;
  }

  private static ImageFiles load(NeighborsArgs args, Precision precision) throws IOException {
    try {
      return ImageFiles.load(Objects.requireNonNull(args.model()), args.device(), precision);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          ExitCode.USAGE,
          "Images cannot be encoded here as those in %s were: %s."
              .formatted(args.embeddings(), e.getMessage()));
    }
  }

  private static Precision precision(RunManifest newest, String device) {
    String last = newest.settings().get("precision");
    if (last != null) {
      return Precision.of(last);
    }
    return WorkerDevice.of(device, "", false).hasFastBf16() ? Precision.BF16 : Precision.FP32;
  }
}
