package io.simclrbeam.runners.flink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.simclrbeam.pipelines.runner.Finding;
import io.simclrbeam.pipelines.runner.Finding.Level;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers are as Flink 1.19 gives them, without what is not looked at. */
final class ClusterCheckTest {
  private static final String OURS =
      "/lib/beam-sdks-java-core-2.70.0.jar:/lib/pytorch-engine-0.36.0.jar:"
          + "/lib/pytorch-jni-2.7.1-0.36.0.jar:/lib/leptonica-1.87.0-1.5.13.jar:"
          + "/lib/simclr-beam-transforms-1.jar";

  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(String path, String json) {
    server.createContext(
        path,
        exchange -> {
          byte[] body = json.replace('\'', '"').getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  private List<Finding> findings() {
    String master = "localhost:" + server.getAddress().getPort();
    return new ClusterCheck(master, OURS).findings();
  }

  @Test
  void aClusterSetUpAfterTheGuideIsFine() {
    answer(
        "/overview",
        "{'flink-version':'1.19.0','taskmanagers':2,'slots-total':4,'slots-available':4}");
    answer(
        "/jobmanager/config",
        "[{'key':'classloader.parent-first-patterns.additional','value':"
            + "'io.simclrbeam.;org.apache.beam.;ai.djl.;com.sun.jna.;org.bytedeco.'},"
            + "{'key':'restart-strategy.type','value':'fixed-delay'}]");
    answer(
        "/jobmanager/environment",
        "{'classpath':['" + OURS.replace(":", "','") + "','/flink.jar']}");
    answer(
        "/taskmanagers",
        "{'taskmanagers':[{'id':'a','slotsNumber':4,'memoryConfiguration':{'taskOffHeap':2147483648},"
            + "'totalResource':{'extendedResources':{'gpu':1.0}}},"
            + "{'id':'b','slotsNumber':4,'memoryConfiguration':{'taskOffHeap':939524096}}]}");

    assertThat(findings()).extracting(Finding::level).containsOnly(Level.OK);
    assertThat(findings())
        .extracting(Finding::what)
        .contains("TaskManagers: 2, slots: 4, free: 4", "GPUs that TaskManagers declare: 1");
  }

  @Test
  void whatIsWrongHasACure() {
    answer(
        "/overview",
        "{'flink-version':'1.18.1','taskmanagers':1,'slots-total':2,'slots-available':0}");
    answer("/jobmanager/config", "[{'key':'rest.port','value':'8081'}]");
    answer(
        "/jobmanager/environment",
        "{'classpath':['/flink/lib/flink-dist-1.18.1.jar','/flink/lib/beam-sdks-java-core-2.69.0.jar']}");
    answer(
        "/taskmanagers",
        "{'taskmanagers':[{'id':'a','slotsNumber':2,'memoryConfiguration':{'taskOffHeap':671088639}}]}");

    assertThat(findings())
        .extracting(finding -> finding.level() + " " + finding.what())
        .containsExactly(
            "PROBLEM The cluster is Flink 1.18.1, but this is built with 1.19.0",
            "WARNING TaskManagers: 1, slots: 2, free: 0",
            "PROBLEM lib has beam-sdks-java-core-2.69.0.jar, but this is built with"
                + " beam-sdks-java-core-2.70.0.jar",
            "PROBLEM pytorch-engine is not in the cluster's lib",
            "PROBLEM pytorch-jni is not in the cluster's lib",
            "PROBLEM leptonica is not in the cluster's lib",
            "WARNING simclr-beam itself is not in lib: each job leaves 1 MB of metaspace behind",
            "PROBLEM The second job on a TaskManager will fail: its class loader cannot load"
                + " native libraries again",
            "WARNING A batch job ends with the first TaskManager that is lost",
            "WARNING TaskManager a sets 639 MB aside for libtorch; embedding with a ResNet-50 in its"
                + " 2 slots takes about 640 MB",
            "OK TaskManagers declare no GPU; --device=auto uses one all the same if libtorch sees"
                + " it");
    assertThat(findings())
        .filteredOn(finding -> finding.level() != Level.OK)
        .allMatch(finding -> !finding.cure().isEmpty());
    assertThat(findings())
        .extracting(Finding::cure)
        .contains(
            "add ai.djl.;com.sun.jna.;org.bytedeco. to classloader.parent-first-patterns.additional");
  }

  @Test
  void aClusterThatLoadsOwnClassesAgainIsTold() {
    answer("/overview", "{'flink-version':'1.19.0','taskmanagers':0,'slots-total':0}");
    answer(
        "/jobmanager/config",
        "[{'key':'classloader.parent-first-patterns.additional','value':"
            + "'ai.djl.;com.sun.jna.;org.bytedeco.'}]");
    answer("/jobmanager/environment", "{'classpath':['" + OURS.replace(":", "','") + "']}");
    answer("/taskmanagers", "{'taskmanagers':[]}");

    assertThat(findings())
        .filteredOn(finding -> finding.level() != Level.OK)
        .extracting(Finding::cure)
        .containsExactly(
            "start TaskManagers",
            "add io.simclrbeam. to classloader.parent-first-patterns.additional",
            "set restart-strategy.type; see runners/flink/cluster/README.md");
  }

  @Test
  void whereNoFlinkAnswersNothingElseIsSaid() {
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.level()).isEqualTo(Level.PROBLEM);
              assertThat(finding.what()).contains("/overview answers with status 404");
              assertThat(finding.cure()).contains("rest.port");
            });
  }
}
