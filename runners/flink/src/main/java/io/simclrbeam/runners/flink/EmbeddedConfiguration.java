package io.simclrbeam.runners.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Flink is told where it runs inside this process. */
final class EmbeddedConfiguration {
  /**
   * JobManager and TaskManager are in one process and cannot lose each other. By Flink's 50 seconds
   * a job would fail once the machine was asleep, or the process stopped, for longer.
   */
  private static final String CONTENT = "heartbeat.timeout: 3000000000\n";

  private static final String FOLDER = write();

  private EmbeddedConfiguration() {}

  /** Returns a folder with the configuration, which is deleted at the end of the process. */
  static String folder() {
    return FOLDER;
  }

  private static String write() {
    try {
      Path folder = Files.createTempDirectory("simclr-flink");
      folder.toFile().deleteOnExit();
      Path file = Files.writeString(folder.resolve("config.yaml"), CONTENT);
      file.toFile().deleteOnExit(); // before the folder: the last to be registered is the first
      return folder.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to the folder for temporary files", e);
    }
  }
}
