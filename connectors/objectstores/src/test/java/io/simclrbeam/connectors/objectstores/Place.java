package io.simclrbeam.connectors.objectstores;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/**
 * Where a test's files are.
 *
 * @param root address of a folder, without a slash at its end
 * @param options of Beam by which the program finds it
 */
record Place(String root, List<String> options) {
  String path(String name) {
    return root + "/" + name;
  }

  /** Returns another folder of the same store. */
  Place at(String otherRoot) {
    return new Place(otherRoot, options);
  }

  /** Runs a command that makes pipelines, and must end well. */
  StoreCommand runPipeline(String... arguments) {
    return tryPipeline(arguments).assertDone();
  }

  /** Runs another command, which must end well. */
  StoreCommand run(String... arguments) {
    return attempt(arguments).assertDone();
  }

  StoreCommand tryPipeline(String... arguments) {
    return attempt(
        Stream.concat(Stream.of(arguments), Stream.of("--runner=direct")).toArray(String[]::new));
  }

  StoreCommand attempt(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(options);
    return StoreCommand.of(all.toArray(String[]::new));
  }

  /** Returns the files as the test itself sees them. */
  FileStore files() {
    FileSystems.setDefaultPipelineOptions(
        PipelineOptionsFactory.fromArgs(options.toArray(String[]::new)).create());
    return new BeamFileStore(root);
  }
}
