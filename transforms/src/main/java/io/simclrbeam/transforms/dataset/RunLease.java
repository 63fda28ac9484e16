package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Timer;
import java.util.TimerTask;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write into a run's folder. The file {@code _RUNNING} in the folder says who has it.
 * It is renewed every half minute, so that others can tell a run in progress from one that was
 * killed.
 */
public final class RunLease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLease.class);
  private static final String NAME = "_RUNNING";

  /** In the place of a host's name, which has no space. */
  private static final String JOB = "a job";

  private static final Duration RENEWAL = Duration.ofSeconds(30);

  /** A run of another machine counts as dead if it was not renewed for this long. */
  private static final Duration PATIENCE = Duration.ofHours(1);

  /** How long a job may take that no process waits for. */
  private static final Duration LONGEST_JOB = Duration.ofHours(24);

  /** Longer than it takes from looking into a folder to writing into it. */
  private static final long CONTEST_MILLIS = 500;

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
      String token, String host, long process, long processStart, long renewedAt) {

    static Holder here(String token) {
      ProcessHandle me = ProcessHandle.current();
      return new Holder(token, hostName(), me.pid(), startOf(me), Clock.systemUTC().millis());
    }

    /**
     * Returns a job, which has no process here. It counts as dead once the longest job would have
     * ended.
     */
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
   * Takes a new run folder, named by the time, after it has cleared what killed runs left behind.
   * If another run has the folder of this second, it waits for the next.
   */
  public static RunLease take(String dataset, String modelId, Clock clock) throws IOException {
    settle(dataset, modelId);
    String token = UUID.randomUUID().toString();
    while (true) {
      Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
      FileStore folder =
          new BeamFileStore(DatasetLayout.runFolder(dataset, modelId, DatasetLayout.runName(now)));
      if (folder.list("").isEmpty()) {
        write(folder, Holder.here(token));
        sleep(CONTEST_MILLIS); // another that saw the folder empty too has written by then
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
   * Clears what killed runs of a model left behind. A run that only lacks {@code _SUCCESS} is
   * published. A run that is not whole, or may not be in its table as a whole, is deleted. Runs in
   * progress and runs that a quality gate holds back stay as they are.
   */
  private static void settle(String dataset, String modelId) throws IOException {
    FileStore model = new BeamFileStore(DatasetLayout.modelFolder(dataset, modelId));
    List<String> names = model.list("");
    List<String> runs =
        names.stream()
            .map(DatasetLayout::runFolderOf)
            .filter(Objects::nonNull)
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
    return DatasetLayout.runName(startedAt);
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
    byte[] bytes = Json.MAPPER.writeValueAsBytes(holder);
    folder.write(NAME, out -> out.write(bytes));
  }

  private static Holder read(FileStore folder) throws IOException {
    try (InputStream in = folder.open(NAME)) {
      return Json.MAPPER.readValue(in, Holder.class);
    } catch (FileNotFoundException e) {
      return new Holder("", "", 0, 0, 0); // given up between two looks
    }
  }

  /**
   * Hands the folder over to a job that outlives this process. For a day the run counts as in
   * progress.
   */
  public synchronized void leaveToJob() throws IOException {
    write(folder, Holder.job(token));
    closed = true;
    renewals.cancel();
  }

  /** Gives up a folder that was handed over to a job. */
  static void endOfJob(FileStore folder) throws IOException {
    if (read(folder).host.equals(JOB)) {
      folder.delete(List.of(NAME));
    }
  }

  /** Gives the folder up. What is in it stays as it is. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      renewals.cancel();
      folder.delete(List.of(NAME));
    }
  }
}
