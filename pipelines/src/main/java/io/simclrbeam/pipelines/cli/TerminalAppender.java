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
  /**
   * Leaves out what is beyond the end of the line, instead of going on in the next one, of which
   * only that would be erased (DECAWM of the VT100).
   */
  private static final byte[] NO_WRAP = "\u001b[?7l".getBytes(UTF_8);

  private static final byte[] WRAP = "\u001b[?7h".getBytes(UTF_8);

  @Override
  protected void subAppend(ILoggingEvent event) {
    streamWriteLock.lock();
    try {
      getOutputStream().write(LogFormat.eraseProgress().getBytes(UTF_8));
      List<Marker> markers = event.getMarkerList();
      if (markers != null && markers.contains(ProgressLine.MARKER)) {
        LogFormat.onProgress = true;
        getOutputStream().write(NO_WRAP);
        getOutputStream().write(new String(encoder.encode(event), UTF_8).strip().getBytes(UTF_8));
        getOutputStream().write(WRAP);
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
