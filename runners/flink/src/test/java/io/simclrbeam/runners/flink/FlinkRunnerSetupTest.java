package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.runner.JobKind;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.runtime.client.JobExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlinkRunnerSetupTest {
  private static Optional<String> unavailable(String master) {
    return new FlinkRunnerSetup()
        .unavailable(PipelineOptionsFactory.fromArgs("--flinkMaster=" + master).create());
  }

  @Test
  void noJobCanBeStartedOnAClusterThatIsNotThere() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
      assertThat(unavailable("localhost:" + port)).isEmpty();
      assertThat(unavailable("http://localhost:" + port)).isEmpty();
    }
    assertThat(unavailable("localhost:" + port))
        .get()
        .asString()
        .contains("Nothing answers at --flinkMaster=localhost:" + port, "rest.port");
    assertThat(unavailable("localhost:99999")).isPresent();
    assertThat(unavailable("[auto]")).isEmpty();
  }

  /** As after the machine was asleep: nobody is given up for dead. */
  @Test
  void aProcessMayBeStoppedForAWhile() {
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    new FlinkRunnerSetup().configure(options, JobKind.BATCH);
    assertThat(
            GlobalConfiguration.loadConfiguration(options.getFlinkConfDir())
                .get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT))
        .isGreaterThan(Duration.ofDays(30).toMillis());
  }

  /** Beam passes on a configuration only as a folder. */
  @Test
  void clustersAreUsedWithOnesOwnConfigurationAndAListener(@TempDir Path own) throws Exception {
    Files.writeString(own.resolve("config.yaml"), "rest.retry.max-attempts: 4\n");
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    options.setFlinkMaster("localhost:8081");
    options.setFlinkConfDir(own.toString());

    new FlinkRunnerSetup().configure(options, JobKind.BATCH);

    Configuration used = GlobalConfiguration.loadConfiguration(options.getFlinkConfDir());
    assertThat(used.get(RestOptions.RETRY_MAX_ATTEMPTS)).isEqualTo(4);
    assertThat(used.get(DeploymentOptions.JOB_LISTENERS))
        .containsExactly(SubmittedJobs.class.getName());
  }

  @Test
  void aJobIsOverWhenFlinkSaysSo() {
    FlinkRunnerSetup setup = new FlinkRunnerSetup();
    JobID job = new JobID();
    assertThat(setup.mayStillRun(new RuntimeException(new JobExecutionException(job, "failed"))))
        .isFalse();
    assertThat(setup.mayStillRun(new JobCancellationException(job, "canceled", null))).isFalse();
    assertThat(setup.mayStillRun(new RuntimeException(new ConnectException("gone")))).isTrue();
  }

  @Test
  void aConfigurationOfOnesOwnIsLeftAlone() {
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    options.setFlinkConfDir("/etc/flink");
    new FlinkRunnerSetup().configure(options, JobKind.BATCH);
    assertThat(options.getFlinkConfDir()).isEqualTo("/etc/flink");
  }
}
