package io.simclrbeam.runners.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration of Flink inside this process. */
final class EmbeddedConfiguration {
  /**
   * JobManager and TaskManager are in one process and cannot lose each other. With Flink's default
   * of 50 seconds a job would fail if the machine slept, or the process was stopped, for longer.
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
