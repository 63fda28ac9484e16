package io.simclrbeam.transforms.dataset;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Timer;
import java.util.TimerTask;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's folder as long as somebody writes it. The file {@code _RUNNING} in it says who, and is
 * renewed every half minute, so that others can tell a run in progress from one that was killed.
 */
public final class RunLease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLease.class);
  private static final String NAME = "_RUNNING";

  /** Stands in the place of a host's name; none has a space in it. */
  private static final String JOB = "a job";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration RENEWAL = Duration.ofSeconds(30);

  /** A run of another machine that was not renewed for this long is taken for dead. */
  private static final Duration PATIENCE = Duration.ofHours(1);

  /** A job that nobody waits for may take so long. */
  private static final Duration LONGEST_JOB = Duration.ofHours(24);

  /** Longer than between looking into a folder and writing to it. */
  private static final long CONTEST_MILLIS = 500;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final FileStore folder;
  private final Instant startedAt;
  private final String token;
  private final Timer renewals = new Timer("run-lease", true);
  private boolean closed;

  /**
   * Who writes a run.
   *
   * @param token tells apart two that want the same folder
   * @param host name of the machine
   * @param process number on that machine
   * @param processStart when that process began, in milliseconds since 1970: numbers are used again
   * @param renewedAt in milliseconds since 1970
   */
  private record Holder(
      @JsonProperty("token") String token,
      @JsonProperty("host") String host,
      @JsonProperty("process") long process,
      @JsonProperty("process_start") long processStart,
      @JsonProperty("renewed_at") long renewedAt) {

    static Holder here(String token) {
      ProcessHandle me = ProcessHandle.current();
      return new Holder(token, hostName(), me.pid(), startOf(me), Clock.systemUTC().millis());
    }

    /** Nobody who could be asked: taken for dead once the longest job would have ended. */
    static Holder job(String token) {
      long latest = Clock.systemUTC().millis() + LONGEST_JOB.toMillis();
      return new Holder(token, JOB, 0, 0, latest);
    }

    boolean isAlive() {
      if (host.equals(hostName())) {
        return ProcessHandle.of(process)
            .filter(ProcessHandle::isAlive)
            .filter(other -> startOf(other) == processStart)
            .isPresent();
      }
      return Clock.systemUTC().millis() - renewedAt < PATIENCE.toMillis();
    }

    private static long startOf(ProcessHandle handle) {
      return handle.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String hostName() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "unknown";
      }
    }
  }

  private RunLease(FileStore folder, Instant startedAt, String token) {
    this.folder = folder;
    this.startedAt = startedAt;
    this.token = token;
  }

  /**
   * Takes a new run folder, named by the time. If another run of the same second has it, waits for
   * the next.
   */
  public static RunLease take(String dataset, String modelId, Clock clock) throws IOException {
    String token = UUID.randomUUID().toString();
    while (true) {
      Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
      FileStore folder =
          new BeamFileStore(
              "%srun=%s".formatted(RunSpec.modelFolder(dataset, modelId), TIME.format(now)));
      if (folder.list("").isEmpty()) {
        write(folder, Holder.here(token));
        sleep(CONTEST_MILLIS); // whoever saw the folder empty too has written by then
        if (read(folder).token.equals(token)) {
          RunLease lease = new RunLease(folder, now, token);
          lease.keepRenewing();
          return lease;
        }
      }
      sleep(1000 - clock.millis() % 1000);
    }
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a run folder", e);
    }
  }

  /**
   * Clears what killed runs of a model left behind: publishes a run that only lacked {@code
   * _SUCCESS}, and deletes a run that is not whole, or may not be in its table as a whole. Leaves
   * alone what is in progress, and runs that a quality gate holds back.
   */
  public static void settle(String dataset, String modelId) throws IOException {
    FileStore model = new BeamFileStore(RunSpec.modelFolder(dataset, modelId));
    List<String> names = model.list("");
    List<String> runs =
        names.stream()
            .filter(name -> name.startsWith("run=") && name.contains("/"))
            .map(name -> name.substring(0, name.indexOf('/') + 1))
            .distinct()
            .filter(run -> !names.contains(run + RunManifest.SUCCESS))
            .toList();
    for (String run : runs) {
      FileStore folder = new BeamFileStore(model.location() + run);
      List<String> files = names.stream().filter(name -> name.startsWith(run)).toList();
      if (files.contains(run + NAME) && read(folder).isAlive()) {
        LOG.info("Another run is in progress in {}.", folder.location());
        continue;
      }
      if (!files.contains(run + RunManifest.NAME)) {
        LOG.info("Deleting {}, which was never finished.", folder.location());
        model.delete(files);
        continue;
      }
      RunManifest manifest = RunManifest.read(folder);
      if (manifest.passed() && manifest.table() != null) {
        LOG.info(
            "Deleting {}, which may not be in {} as a whole; its images are embedded anew.",
            folder.location(),
            manifest.table());
        model.delete(files);
      } else if (manifest.passed()) {
        LOG.info("Publishing {}, which was interrupted just before that.", folder.location());
        folder.write(RunManifest.SUCCESS, done -> {});
        folder.delete(List.of(NAME));
        RunHistory.write(dataset, modelId);
      }
    }
  }

  /** Returns the name of the run. */
  public String name() {
    return TIME.format(startedAt);
  }

  /** Returns when the run began. */
  public Instant startedAt() {
    return startedAt;
  }

  /** Returns the run's folder. */
  public FileStore folder() {
    return folder;
  }

  private void keepRenewing() {
    TimerTask task =
        new TimerTask() {
          @Override
          public void run() {
            renew();
          }
        };
    renewals.schedule(task, RENEWAL.toMillis(), RENEWAL.toMillis());
  }

  private synchronized void renew() {
    if (!closed) {
      try {
        write(folder, Holder.here(token));
      } catch (IOException | RuntimeException e) {
        LOG.warn("Cannot renew {}{}: {}", folder.location(), NAME, e.getMessage());
      }
    }
  }

  private static void write(FileStore folder, Holder holder) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(holder);
    folder.write(NAME, out -> out.write(bytes));
  }

  private static Holder read(FileStore folder) throws IOException {
    try (InputStream in = folder.open(NAME)) {
      return JSON.readValue(in, Holder.class);
    } catch (FileNotFoundException e) {
      return new Holder("", "", 0, 0, 0); // given up between two looks
    }
  }

  /** Leaves the folder to a job that ends after this process: for a day it is in progress. */
  public synchronized void leaveToJob() throws IOException {
    write(folder, Holder.job(token));
    closed = true;
    renewals.cancel();
  }

  /** Ends the job that a folder was left to, if it was. */
  static void endOfJob(FileStore folder) throws IOException {
    if (read(folder).host.equals(JOB)) {
      folder.delete(List.of(NAME));
    }
  }

  /** Gives the folder up: what is in it stays as it is. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      renewals.cancel();
      folder.delete(List.of(NAME));
    }
  }
}
