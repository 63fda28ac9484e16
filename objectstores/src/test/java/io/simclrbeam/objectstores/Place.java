package io.simclrbeam.objectstores;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

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

  /** Runs a command that makes pipelines. */
  CommandRun runPipeline(String... arguments) {
    return run(
        Stream.concat(Stream.of(arguments), Stream.of("--runner=direct")).toArray(String[]::new));
  }

  /** Runs another command. */
  CommandRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(options);
    return CommandRun.of(all.toArray(String[]::new));
  }
}
