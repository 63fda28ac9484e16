package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.FileListing;
import io.simclrbeam.transforms.storage.LifeSign;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.transforms.DoFn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write a run. A run's folder is its own, because a random part of its name makes it
 * so. The file {@code _RUNNING} in the folder is the run's sign of life. Both the process that
 * submits the job and the workers of the job renew it. Its time is the storage's, so no clock of a
 * machine matters.
 *
 * <p>A run that gave no sign for long is given up by the next one: first it gets the file {@code
 * _ABANDONED}, then its other files are deleted. If its job wakes up again it sees that and ends
 * without publishing.
 */
public final class RunLease implements AutoCloseable {
  /** How long a run may give no sign of life before the next one gives it up. */
  public static final Duration PATIENCE = Duration.ofHours(12);

  /** Stays behind where a run was given up, until it is as old as the patience too. */
  static final String ABANDONED = "_ABANDONED";

  private static final Logger LOG = LoggerFactory.getLogger(RunLease.class);

  /** The sign of life. */
  static final String NAME = "_RUNNING";

  private static final Duration RENEWAL = Duration.ofSeconds(30);

  /** Leases of this process by folder. Several steps of a job may hold the same one. */
  private static final Map<String, Renewals> HELD = new HashMap<>();

  private final FileStore folder;
  private final String name;
  private final Instant startedAt;
  private boolean closed;

  /** Who writes a run, for people. The time is by the clock of that machine. */
  private record Sign(String host, long process, long renewedAt) {}

  /** The signs of life of this process in a folder. */
  private static final class Renewals {
    final LifeSign sign;
    int holders;

    Renewals(FileStore folder, Duration period) {
      sign = LifeSign.every(period, folder.location(), () -> renew(folder));
    }
  }

  /** A step that writes a run: while its worker lives, the run gives signs of life. */
  abstract static class WriterFn<InputT, OutputT> extends DoFn<InputT, OutputT> {
    private final RunSpec run;
    private transient @Nullable RunLease lease;

    WriterFn(RunSpec run) {
      this.run = run;
    }

    /** Returns the run that is written. */
    final RunSpec run() {
      return run;
    }

    /** Returns the lease, between setup and teardown. */
    final RunLease lease() {
      return Objects.requireNonNull(lease);
    }

    @Setup
    public void setUp() {
      lease = of(run);
    }

    @Teardown
    public void tearDown() {
      if (lease != null) {
        lease.close();
      }
    }
  }

  private RunLease(FileStore folder, String name, Instant startedAt) {
    this.folder = folder;
    this.name = name;
    this.startedAt = startedAt;
  }

  /**
   * Begins a new run. Its name is after those of all other runs of the model. Then this clears what
   * dead runs of the model left behind.
   *
   * @param patience how long a run may give no sign of life
   */
  public static RunLease take(String dataset, String modelId, Clock clock, Duration patience)
      throws IOException {
    Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
    Instant start = now;
    for (String other : files(dataset, modelId).keySet()) {
      @Nullable Instant otherStart =
          DatasetLayout.hasTime(other) ? DatasetLayout.startOf(other) : null;
      if (otherStart != null && !otherStart.isBefore(start)) {
        start = otherStart.plusSeconds(1);
      }
    }
    if (start.isAfter(now.plus(RENEWAL))) {
      LOG.warn(
          "The clock here says {}, but a run of {} is already named for {}. One of the clocks was"
              + " wrong. This run is named for a second later, so that readers take it as the newest.",
          now,
          DatasetLayout.modelFolder(dataset, modelId),
          start.minusSeconds(1));
    }
    String name = DatasetLayout.runName(start) + "-" + UUID.randomUUID().toString().substring(0, 8);
    FileStore folder = new BeamFileStore(DatasetLayout.runFolder(dataset, modelId, name));
    sign(folder);
    RunLease lease = new RunLease(folder, name, now);
    hold(folder, RENEWAL);
    settle(dataset, modelId, name, patience);
    return lease;
  }

  /** Begins a run of a given name, or goes on with one that was written, but not published. */
  static RunLease take(String dataset, String modelId, String name, Clock clock)
      throws IOException {
    FileStore folder = new BeamFileStore(DatasetLayout.runFolder(dataset, modelId, name));
    sign(folder);
    hold(folder, RENEWAL);
    return new RunLease(folder, name, clock.instant());
  }

  /** Lists the files of a model's runs, by run and then by name. */
  private static Map<String, Map<String, MatchResult.Metadata>> files(
      String dataset, String modelId) throws IOException {
    String model = DatasetLayout.modelFolder(dataset, modelId);
    int prefix = FileSystems.matchNewResource(model, true).toString().length();
    Map<String, Map<String, MatchResult.Metadata>> runs = new TreeMap<>();
    for (MatchResult.Metadata file : FileListing.of(model + "**")) {
      String path = file.resourceId().toString().substring(prefix);
      @Nullable String run = DatasetLayout.runOf(path);
      if (run != null) {
        String name = path.substring(path.indexOf('/') + 1);
        runs.computeIfAbsent(run, any -> new TreeMap<>()).put(name, file);
      }
    }
    return runs;
  }

  /**
   * Clears what dead runs of a model left behind. A run that only lacks {@code _SUCCESS} is
   * published. A run that is not whole, or may not be in its table as a whole, is given up. Runs
   * that live and runs that a quality gate holds back stay as they are.
   */
  private static void settle(String dataset, String modelId, String self, Duration patience)
      throws IOException {
    Map<String, Map<String, MatchResult.Metadata>> runs = files(dataset, modelId);
    MatchResult.@Nullable Metadata mine = runs.getOrDefault(self, Map.of()).get(NAME);
    long now = mine == null ? 0 : mine.lastModifiedMillis();
    for (Map.Entry<String, Map<String, MatchResult.Metadata>> run : runs.entrySet()) {
      Map<String, MatchResult.Metadata> files = run.getValue();
      FileStore folder = new BeamFileStore(DatasetLayout.runFolder(dataset, modelId, run.getKey()));
      if (files.containsKey(ABANDONED)) {
        if (age(files.get(ABANDONED), now).compareTo(patience) > 0) {
          clear(folder, false);
        }
      } else if (!files.containsKey(RunManifest.SUCCESS) && !run.getKey().equals(self)) {
        MatchResult.@Nullable Metadata sign = files.get(NAME);
        if (sign != null && age(sign, now).compareTo(patience) <= 0) {
          LOG.info("Another run is in progress in {}.", folder.location());
        } else {
          settle(dataset, modelId, folder, files, sign);
        }
      }
    }
  }

  private static void settle(
      String dataset,
      String modelId,
      FileStore folder,
      Map<String, MatchResult.Metadata> files,
      MatchResult.@Nullable Metadata sign)
      throws IOException {
    @Nullable RunManifest manifest =
        files.containsKey(RunManifest.NAME) ? RunManifest.read(folder) : null;
    if (manifest == null) {
      LOG.info("Deleting {}, which was never finished.", folder.location());
      clear(folder, sign != null);
    } else if (manifest.passed() && manifest.table() != null) {
      LOG.info(
          "Deleting {}, which may not be in {} as a whole; its images are embedded anew.",
          folder.location(),
          manifest.table());
      clear(folder, sign != null);
    } else if (manifest.passed() && manifest.missing(folder) == null) {
      publish(dataset, modelId, folder);
    } else if (manifest.passed()) {
      LOG.warn("Left {} alone: {}.", folder.location(), manifest.missing(folder));
    } else if (sign != null) {
      folder.delete(List.of(NAME)); // of a command that was to publish it all the same
    }
  }

  private static void publish(String dataset, String modelId, FileStore folder) throws IOException {
    try {
      RunOrder.check(dataset, modelId, DatasetLayout.runIn(folder.location()));
    } catch (IOException e) {
      LOG.info("Left {} alone. {}", folder.location(), e.getMessage());
      return;
    }
    LOG.info("Publishing {}, which was interrupted just before that.", folder.location());
    folder.write(RunManifest.SUCCESS, done -> {});
    folder.delete(List.of(NAME));
    RunHistory.update(dataset, modelId);
  }

  /** Deletes what is in a run's folder, and the folder unless its job may wake up. */
  static void clear(FileStore folder, boolean mayWakeUp) throws IOException {
    if (mayWakeUp) {
      folder.write(ABANDONED, nothing -> {});
    }
    String path = folder.location();
    int name = path.lastIndexOf('/', path.length() - 2) + 1;
    FileStore parent = new BeamFileStore(path.substring(0, name));
    parent.delete(
        parent.list(path.substring(name)).stream()
            .filter(file -> !(mayWakeUp && file.endsWith("/" + ABANDONED)))
            .toList());
  }

  /** Returns how old a file is; 0 if the storage does not say. */
  private static Duration age(MatchResult.Metadata file, long now) {
    return file.lastModifiedMillis() == 0
        ? Duration.ZERO
        : Duration.ofMillis(now - file.lastModifiedMillis());
  }

  private static void sign(FileStore folder) throws IOException {
    LifeSign.Holder here = LifeSign.Holder.here();
    byte[] bytes =
        Json.MAPPER.writeValueAsBytes(
            new Sign(here.host(), here.process(), Clock.systemUTC().millis()));
    folder.write(NAME, out -> out.write(bytes));
  }

  private static boolean stands(FileStore folder) throws IOException {
    return folder.exists(NAME) && !folder.exists(ABANDONED);
  }

  /** Gives a sign of life, but not in a folder that another run has cleared. */
  static void renew(FileStore folder) throws IOException {
    if (stands(folder)) {
      sign(folder);
    }
  }

  private static void hold(FileStore folder, Duration period) {
    synchronized (HELD) {
      HELD.computeIfAbsent(folder.location(), location -> new Renewals(folder, period)).holders++;
    }
  }

  private static void release(FileStore folder) {
    synchronized (HELD) {
      HELD.computeIfPresent(
          folder.location(),
          (location, renewals) -> {
            renewals.holders--;
            if (renewals.holders > 0) {
              return renewals;
            }
            renewals.sign.close();
            return null;
          });
    }
  }

  /** Returns the lease of a run that another process has begun; steps of its job hold it. */
  static RunLease of(RunSpec run) {
    return of(run, RENEWAL);
  }

  /** Returns it with signs of life in another period, in which tests can wait for one. */
  static RunLease of(RunSpec run, Duration period) {
    FileStore folder = new BeamFileStore(run.folder());
    hold(folder, period);
    return new RunLease(folder, run.name(), Instant.ofEpochMilli(run.startedAtMillis()));
  }

  /**
   * Checks that no other run has given this one up.
   *
   * @throws IOException if one has
   */
  void check() throws IOException {
    if (!stands(folder)) {
      throw new IOException(
          "%s was given up while its job slept, or by hand. The job ends without publishing it. Run the command again."
              .formatted(folder.location()));
    }
  }

  /** Returns the name of the run. */
  public String name() {
    return name;
  }

  /** Returns when the run began, by this machine's clock. */
  public Instant startedAt() {
    return startedAt;
  }

  /** Returns the run's folder. */
  public FileStore folder() {
    return folder;
  }

  /**
   * Says that nobody writes the run any more. If it is not whole, the next run clears it away. Only
   * warns if the folder cannot be reached.
   */
  public void end() {
    close();
    try {
      folder.delete(List.of(NAME));
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot delete {}{}: {}", folder.location(), NAME, e.getMessage());
    }
  }

  /** Ends the signs of life from here. Other processes may go on giving theirs. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      release(folder);
    }
  }
}
