package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.runner.JobKind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.junit.jupiter.api.Test;

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

  @Test
  void aConfigurationOfOnesOwnIsLeftAlone() {
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    options.setFlinkConfDir("/etc/flink");
    new FlinkRunnerSetup().configure(options, JobKind.BATCH);
    assertThat(options.getFlinkConfDir()).isEqualTo("/etc/flink");
  }
}
