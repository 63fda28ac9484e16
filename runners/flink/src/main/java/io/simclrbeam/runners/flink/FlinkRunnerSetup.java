package io.simclrbeam.runners.flink;

import io.simclrbeam.pipelines.runner.Finding;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.flink.configuration.ConfigConstants;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs on Flink: embedded in this process unless {@code --flinkMaster} names a cluster, to
 * which a job brings {@link JobJars}. {@link JobKind#PIPELINED} jobs run in Flink's streaming mode,
 * whose back-pressure keeps memory flat.
 */
public final class FlinkRunnerSetup implements RunnerSetup {
  private static final Logger LOG = LoggerFactory.getLogger(FlinkRunnerSetup.class);

  /** The first character of masters that are no cluster, such as {@code [auto]}. */
  private static final String EMBEDDED = "[";

  private static final Pattern ADDRESS =
      Pattern.compile("(https?://)?(?<host>[^/:\\[\\]]+):(?<port>\\d{1,5})/?");

  private static final int CONNECT_MILLIS = 10_000;

  /** Enough for the machines that a night may lose. A job that fails by itself still ends soon. */
  private static final int RESTARTS = 5;

  /** Time to replace a lost machine. */
  private static final Duration RESTART_DELAY = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "flink";
  }

  /**
   * It is better to say at once that a cluster is not there than to fail when a job is submitted.
   */
  @Override
  public Optional<String> unavailable(PipelineOptions options) {
    String master = options.as(FlinkPipelineOptions.class).getFlinkMaster();
    Matcher address = ADDRESS.matcher(master);
    if (!address.matches()) {
      return Optional.empty(); // embedded, or with what Flink's own configuration says
    }
    try (Socket socket = new Socket()) {
      int port = Integer.parseInt(address.group("port"));
      socket.connect(new InetSocketAddress(address.group("host"), port), CONNECT_MILLIS);
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(
          "Nothing answers at --flinkMaster=%s (%s); it is the host and the rest.port of the"
                  .formatted(master, e.getMessage())
              + " JobManager, usually 8081.");
    }
  }

  @Override
  public boolean runsElsewhere(PipelineOptions options) {
    return namesCluster(options) || isSubmittedByFlink();
  }

  private static boolean namesCluster(PipelineOptions options) {
    return !options.as(FlinkPipelineOptions.class).getFlinkMaster().startsWith(EMBEDDED);
  }

  /**
   * Under flink run and Flink's REST API, the environment is that of the cluster that they submit
   * to.
   */
  private static boolean isSubmittedByFlink() {
    return !StreamExecutionEnvironment.areExplicitEnvironmentsAllowed();
  }

  /** As under Flink's REST API and dashboard, and so for the Kubernetes operator's session jobs. */
  @Override
  public boolean isDetached(PipelineOptions options) {
    return isSubmittedByFlink()
        && !StreamExecutionEnvironment.getExecutionEnvironment()
            .getConfiguration()
            .get(DeploymentOptions.ATTACHED);
  }

  @Override
  public Optional<String> explain(PipelineOptions options, Throwable failure) {
    if (!namesCluster(options)) {
      return Optional.empty();
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof JobCancellationException) {
        return Optional.of(
            "The job was canceled on the cluster. The same command goes on from what is there.");
      }
      if (cause instanceof ConnectException) {
        return Optional.of(
            ("The JobManager at %s is not there any more (%s), and without high availability its jobs"
                    + " are gone. Once it is back, the same command goes on from what is there.")
                .formatted(
                    options.as(FlinkPipelineOptions.class).getFlinkMaster(), cause.getMessage()));
      }
    }
    return Optional.empty();
  }

  @Override
  public void detach(PipelineOptions options) {
    options.as(FlinkPipelineOptions.class).setAttachedMode(false);
  }

  @Override
  public boolean cancel() {
    return SubmittedJobs.cancelAll();
  }

  /** Flink says so when a job has failed or was canceled. All else is about the way there. */
  @Override
  public boolean mayStillRun(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof JobExecutionException) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<Finding> diagnose(PipelineOptions options) {
    String master = options.as(FlinkPipelineOptions.class).getFlinkMaster();
    return namesCluster(options)
        ? new ClusterCheck(master, System.getProperty("java.class.path")).findings()
        : List.of();
  }

  @Override
  public void configure(PipelineOptions options, JobKind kind) {
    FlinkPipelineOptions flink = options.as(FlinkPipelineOptions.class);
    flink.setRunner(FlinkRunner.class);
    flink.setStreaming(kind == JobKind.PIPELINED);
    // No transform here changes an element, so operators of one task may share it.
    flink.setObjectReuse(true);
    flink.setFasterCopy(true);
    if (isDetached(options)) {
      flink.setAttachedMode(false); // else Beam asks for results that Flink does not keep
    }
    if (!runsElsewhere(options)) {
      if (flink.getParallelism() < 1) {
        flink.setParallelism(Runtime.getRuntime().availableProcessors());
      }
      if (flink.getFlinkConfDir() == null
          && System.getenv(ConfigConstants.ENV_FLINK_CONF_DIR) == null) {
        flink.setFlinkConfDir(ConfigurationFolder.embedded());
      }
    } else if (namesCluster(options)) {
      LOG.info("The dashboard at {} shows how far the job is.", flink.getFlinkMaster());
      flink.setFlinkConfDir(ConfigurationFolder.forCluster(flink.getFlinkConfDir()));
      if (flink.getFilesToStage() == null) {
        flink.setFilesToStage(JobJars.of(System.getProperty("java.class.path")));
      }
      // For pipelined jobs. How batch jobs restart is up to the cluster's configuration.
      if (flink.getNumberOfExecutionRetries() < 0) {
        flink.setNumberOfExecutionRetries(RESTARTS);
      }
      if (flink.getExecutionRetryDelay() < 0) {
        flink.setExecutionRetryDelay(RESTART_DELAY.toMillis());
      }
    }
  }
}
