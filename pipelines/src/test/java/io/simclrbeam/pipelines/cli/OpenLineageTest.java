package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.openlineage.client.OpenLineage;
import io.openlineage.client.OpenLineageClientUtils;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.storage.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OpenLineageTest {
  @TempDir private Path folder;

  @BeforeEach
  void makeAModel() {
    dataset().make();
  }

  private SmallDataset dataset() {
    return new SmallDataset(folder);
  }

  private void embed(int exitCode, String... more) {
    dataset().embed(exitCode, dataset().path("out"), more);
  }

  private List<Path> events() throws IOException {
    Path events = folder.resolve("events");
    if (!Files.exists(events)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(events)) {
      return files.toList();
    }
  }

  @Test
  void aRunThatIsPublishedIsToldOf() throws IOException {
    String place = "--openLineage=" + folder.resolve("events");
    embed(5, "--minRankMe=1000", place);
    assertThat(events()).as("of a run that is held back").isEmpty();
    Path model = folder.resolve("out").toFile().listFiles()[0].toPath();
    Path run;
    try (Stream<Path> runs = Files.list(model)) {
      run = runs.filter(Files::isDirectory).findFirst().orElseThrow();
    }

    CommandRun.expecting(0, "publish", run.toString());

    assertThat(events()).hasSize(1);
    Path file = events().get(0);
    assertThat(file.getFileName().toString())
        .isEqualTo(model.getFileName() + "." + run.getFileName().toString().substring(4) + ".json");
    String json = Files.readString(file);
    OpenLineage.RunEvent event = OpenLineageClientUtils.runEventFromJson(json);
    assertThat(event.getEventType()).isEqualTo(OpenLineage.RunEvent.EventType.COMPLETE);
    String name =
        model.getFileName().toString().substring(6) + run.getFileName().toString().substring(4);
    assertThat(event.getRun().getRunId())
        .as("wherever the folder is seen from")
        .isEqualTo(UUID.nameUUIDFromBytes(name.getBytes(UTF_8)));
    assertThat(event.getJob().getName()).isEqualTo("embed file:" + folder.resolve("out"));
    assertThat(event.getInputs())
        .extracting(OpenLineage.InputDataset::getNamespace)
        .containsOnly("file");
    assertThat(event.getInputs())
        .extracting(OpenLineage.InputDataset::getName)
        .containsExactly(dataset().path("images"), dataset().path("model"));
    JsonNode manifest = Json.MAPPER.readTree(run.resolve("_MANIFEST.json").toFile());
    try (InputStream encoder = Files.newInputStream(folder.resolve("model/encoder.pt"))) {
      assertThat(event.getInputs())
          .extracting(input -> input.getFacets().getVersion().getDatasetVersion())
          .containsExactly(manifest.get("input_digest").asText(), Sha256.of(encoder));
    }
    OpenLineage.OutputDataset output = event.getOutputs().get(0);
    assertThat(output.getName()).isEqualTo(folder.resolve("out").toString());
    assertThat(output.getFacets().getVersion().getDatasetVersion())
        .isEqualTo(run.getFileName().toString().substring(4));
    assertThat(output.getOutputFacets().getOutputStatistics().getRowCount())
        .isEqualTo(SmallDataset.IMAGES);
    JsonNode facts = Json.MAPPER.readTree(json).at("/run/facets/simclr_beam");
    assertThat(facts.at("/counts/embedded").asInt()).isEqualTo(SmallDataset.IMAGES);
    assertThat(facts.at("/settings/precision").asText()).isEqualTo("fp32");
    assertThat(facts.get("gates")).anyMatch(gate -> gate.get("name").asText().equals("minRankMe"));
  }

  @Test
  void aServerIsToldAndWhatItAnswersIsNotInTheWay() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    int[] answer = {201};
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/lineage",
        exchange -> {
          told.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(answer[0], -1);
          exchange.close();
        });
    server.start();
    try {
      String place = "--openLineage=http://localhost:" + server.getAddress().getPort();
      embed(0, place);
      String first = runId(told.remove());
      answer[0] = 500;
      embed(0, place);
      assertThat(runId(told.remove())).as("another run").isNotEqualTo(first);
      embed(0, "--openLineage=http://localhost:1");
    } finally {
      server.stop(0);
    }
    assertThat(CommandRun.expecting(0, "show", dataset().path("out")).out()).contains("3 runs,");
  }

  private static String runId(String json) {
    return OpenLineageClientUtils.runEventFromJson(json).getRun().getRunId().toString();
  }

  @Test
  void anAddressThatIsNoneIsRefused() {
    assertThat(
            CommandRun.expecting(
                    2,
                    "embed",
                    "--runner=direct",
                    "--input=a",
                    "--model=b",
                    "--output=c",
                    "--openLineage=http:/x")
                .err())
        .contains("1 problem", "--openLineage: 'http:/x' is no address of a server");
  }
}
