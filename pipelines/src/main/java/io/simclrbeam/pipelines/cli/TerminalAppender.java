package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.simclrbeam.model.progress.ProgressLine;
import java.io.IOException;
import java.util.List;
import org.slf4j.Marker;

/**
 * Logs to a terminal. A line of progress is written over the one before it, and any other line
 * takes its place.
 */
public final class TerminalAppender extends ConsoleAppender<ILoggingEvent> {
  /** A longer line would be broken into two, of which only the second is erased. */
  private static final int COLUMNS = 79;

  @Override
  protected void subAppend(ILoggingEvent event) {
    streamWriteLock.lock();
    try {
      getOutputStream().write(LogFormat.eraseProgress().getBytes(UTF_8));
      List<Marker> markers = event.getMarkerList();
      if (markers != null && markers.contains(ProgressLine.MARKER)) {
        LogFormat.onProgress = true;
        String line = new String(encoder.encode(event), UTF_8).strip();
        getOutputStream()
            .write(line.substring(0, Math.min(COLUMNS, line.length())).getBytes(UTF_8));
        getOutputStream().flush();
      } else {
        super.subAppend(event);
      }
    } catch (IOException e) {
      addError("the terminal cannot be written to", e);
    } finally {
      streamWriteLock.unlock();
    }
  }
}
