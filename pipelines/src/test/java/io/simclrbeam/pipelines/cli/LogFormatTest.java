package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
