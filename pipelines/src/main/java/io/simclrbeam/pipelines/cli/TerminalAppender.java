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
  /** Goes to the beginning of the line and erases it (ECMA-48, EL). */
  private static final byte[] ERASE = "\r\u001b[K".getBytes(UTF_8);

  /** A longer line would be broken into two, of which only the second is erased. */
  private static final int COLUMNS = 79;

  private boolean onProgress;

  @Override
  protected void subAppend(ILoggingEvent event) {
    streamWriteLock.lock();
    try {
      if (onProgress) {
        getOutputStream().write(ERASE);
      }
      List<Marker> markers = event.getMarkerList();
      onProgress = markers != null && markers.contains(ProgressLine.MARKER);
      if (onProgress) {
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
