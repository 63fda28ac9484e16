package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.progress.ProgressLine;
import io.simclrbeam.model.storage.Json;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogFormatTest {
  private static final String CONFIGURATION = "logback.configurationFile";

  @AfterEach
  void restore() {
    LogFormat.choose();
    System.clearProperty(CONFIGURATION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"embed --logFormat=json --output=x", "embed --logFormat json"})
  void jsonHasAConfigurationOfItsOwn(String arguments) {
    LogFormat.choose(arguments.split(" "));

    assertThat(LogFormat.isJson()).isTrue();
    assertThat(getClass().getClassLoader().getResource(System.getProperty(CONFIGURATION)))
        .isNotNull();
  }

  /** A task of Flink that fails throws what it logs, and the command says it. */
  @ParameterizedTest
  @ValueSource(strings = {"logback.xml", "logback-terminal.xml", "logback-json.xml"})
  void whatTheCommandSaysIsNotLoggedBefore(String configuration) throws Exception {
    LoggerContext context = configured(configuration);

    assertThat(context.getLogger("org.apache.flink.runtime.operators.BatchTask").isErrorEnabled())
        .isFalse();
    assertThat(context.getLogger("org.apache.flink.runtime.Any").isErrorEnabled()).isTrue();
    context.stop();
  }

  private static LoggerContext configured(String configuration) throws Exception {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(LogFormat.class.getResource(configuration));
    return context;
  }

  @Test
  void aLineOfJsonHasItsNumbersAsFields() throws Exception {
    LoggerContext context = configured("logback-json.xml");
    ConsoleAppender<?> appender =
        (ConsoleAppender<?>) context.getLogger("ROOT").getAppender("STDERR");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    appender.setOutputStream(out);
    context
        .getLogger("io.simclrbeam.Test")
        .atInfo()
        .addMarker(ProgressLine.MARKER)
        .addKeyValue("step", 3)
        .log("step 3 of 4");
    context.stop();

    String text = out.toString(UTF_8);
    JsonNode line = Json.MAPPER.readTree(text);
    assertThat(text).hasLineCount(1);
    assertThat(line.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("timestamp", "level", "logger", "message", "step");
    assertThat(line.get("message").asText()).isEqualTo("step 3 of 4");
    assertThat(line.get("level").asText()).isEqualTo("INFO");
    assertThat(line.get("step").asInt()).isEqualTo(3);
    assertThat(Instant.parse(line.get("timestamp").asText())).isBeforeOrEqualTo(Instant.now());
  }

  @ParameterizedTest
  @ValueSource(strings = {"embed", "embed --logFormat=text json", "embed --format=json"})
  void elseItIsText(String arguments) {
    LogFormat.choose(arguments.split(" "));

    assertThat(LogFormat.isJson()).isFalse();
    assertThat(System.getProperty(CONFIGURATION)).isNull();
  }

  @Test
  void whatThereIsNotIsRefused() {
    assertThat(CommandRun.of("show", "x", "--logFormat=xml").err())
        .contains("--logFormat is 'xml', but must be text or json");
  }
}
