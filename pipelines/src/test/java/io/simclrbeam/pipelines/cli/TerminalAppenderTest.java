package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.simclrbeam.model.progress.ProgressLine;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TerminalAppenderTest {
  private static final String ERASE = "\r\u001b[K";

  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
  private final TerminalAppender appender = new TerminalAppender();

  TerminalAppenderTest() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    appender.setOutputStream(terminal);
  }

  @AfterEach
  void stop() {
    appender.stop();
    LogFormat.onProgress = false;
  }

  @Test
  void theNextLineTakesThePlaceOfProgress() {
    log("begin", false);
    log("1 of 3", true);
    log("2 of 3", true);
    log("note", false);
    log("3 of 3", true);
    assertThat(shown())
        .isEqualTo("begin\n<1 of 3>" + ERASE + "<2 of 3>" + ERASE + "note\n<3 of 3>");
    assertThat(LogFormat.eraseProgress()).isEqualTo(ERASE);
    log("end", false);
    assertThat(shown()).endsWith("note\n<3 of 3>end\n");
  }

  /** Returns what was written, with signs for what begins and ends a line that is not wrapped. */
  private String shown() {
    return terminal.toString(UTF_8).replace("\u001b[?7l", "<").replace("\u001b[?7h", ">");
  }

  private void log(String message, boolean progress) {
    LoggingEvent event = new LoggingEvent();
    event.setLoggerContext(context);
    event.setMessage(message);
    if (progress) {
      event.addMarker(ProgressLine.MARKER);
    }
    appender.doAppend(event);
  }
}
