package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
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
}
