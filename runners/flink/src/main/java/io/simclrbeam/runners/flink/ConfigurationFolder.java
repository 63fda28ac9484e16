package io.simclrbeam.runners.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.jspecify.annotations.Nullable;

/** Folders with a configuration of Flink: Beam takes it in no other form. */
final class ConfigurationFolder {
  /**
   * JobManager and TaskManager are in one process and cannot lose each other. With Flink's default
   * of 50 seconds a job would fail if the machine slept, or the process was stopped, for longer.
   */
  private static final Duration NO_TIMEOUT = Duration.ofDays(34);

  private ConfigurationFolder() {}

  /** Returns one for Flink inside this process. It is deleted at the end of the process. */
  static String embedded() {
    Configuration configuration = new Configuration();
    configuration.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, NO_TIMEOUT.toMillis());
    return write(configuration);
  }

  /**
   * Returns one for jobs on a cluster, which {@link SubmittedJobs} hears of. It is deleted at the
   * end of the process.
   *
   * @param given the user's own folder, whose settings it has too; null for where Flink looks
   */
  static String forCluster(@Nullable String given) {
    Configuration configuration =
        given == null
            ? GlobalConfiguration.loadConfiguration()
            : GlobalConfiguration.loadConfiguration(given);
    List<String> listeners =
        new ArrayList<>(
            configuration.getOptional(DeploymentOptions.JOB_LISTENERS).orElse(List.of()));
    listeners.add(SubmittedJobs.class.getName());
    configuration.set(DeploymentOptions.JOB_LISTENERS, listeners);
    return write(configuration);
  }

  private static String write(Configuration configuration) {
    try {
      Path folder = Files.createTempDirectory("simclr-flink");
      folder.toFile().deleteOnExit();
      Path file =
          Files.write(
              folder.resolve(GlobalConfiguration.FLINK_CONF_FILENAME),
              ConfigurationUtils.convertConfigToWritableLines(configuration, true));
      file.toFile().deleteOnExit(); // before the folder: the last to be registered is the first
      return folder.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to the folder for temporary files", e);
    }
  }
}
