package io.simclrbeam.transforms.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs of life that this process gives in the background, until this is closed. Others see them by
 * the times of the files that they write. Those are the storage's, so no clock of a machine
 * matters.
 */
public final class LifeSign implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LifeSign.class);

  private final Timer timer = new Timer("life-sign", true);
  private boolean closed;

  private LifeSign() {}

  /** Gives one sign. */
  public interface Signal {
    void give() throws IOException;
  }

  /**
   * A process, as people look for it.
   *
   * @param host name of the machine
   * @param process number on that machine
   */
  public record Holder(String host, long process) {
    private static final String UNKNOWN = "unknown";

    /** Returns this process. */
    public static Holder here() {
      return new Holder(hostName(), ProcessHandle.current().pid());
    }

    private static String hostName() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return UNKNOWN;
      }
    }

    /** Returns whether this was a process of the machine that this runs on, and is gone. */
    public boolean isGoneFromHere() {
      return !host.equals(UNKNOWN)
          && host.equals(hostName())
          && ProcessHandle.of(process).isEmpty();
    }

    @Override
    public String toString() {
      return "process %d on %s".formatted(process, host);
    }
  }

  /**
   * Begins to give signs. The first is one period away. One that fails is only logged.
   *
   * @param place what the signs are about, for the log
   */
  public static LifeSign every(Duration period, String place, Signal signal) {
    LifeSign sign = new LifeSign();
    TimerTask task =
        new TimerTask() {
          @Override
          public void run() {
            sign.give(signal, place);
          }
        };
    sign.timer.schedule(task, period.toMillis(), period.toMillis());
    return sign;
  }

  private synchronized void give(Signal signal, String place) {
    if (closed) {
      return;
    }
    try {
      signal.give();
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot give a sign of life in {}: {}", place, e.getMessage());
    }
  }

  /** Ends the signs, after the one that is being given. */
  @Override
  public void close() {
    timer.cancel();
    synchronized (this) {
      closed = true;
    }
  }
}
