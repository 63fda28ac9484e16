package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;

final class FlinkRunnerSetupTest {
  private static List<String> problems(String master) {
    return new FlinkRunnerSetup()
        .problems(PipelineOptionsFactory.fromArgs("--flinkMaster=" + master).create());
  }

  @Test
  void aClusterThatIsNotThereIsAProblem() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
      assertThat(problems("localhost:" + port)).isEmpty();
      assertThat(problems("http://localhost:" + port)).isEmpty();
    }
    assertThat(problems("localhost:" + port))
        .singleElement()
        .asString()
        .contains("nothing answers at --flinkMaster=localhost:" + port, "rest.port");
    assertThat(problems("localhost:99999")).hasSize(1);
    assertThat(problems("[auto]")).isEmpty();
  }
}
