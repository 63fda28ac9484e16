package io.simclrbeam.transforms.training;

import io.simclrbeam.model.checkpoint.Fence;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.FileListing;
import io.simclrbeam.transforms.storage.LifeSign;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to train in a model folder. The process that submits a job takes it, and so does each
 * worker that holds the model.
 *
 * <p>Each lease is a file {@code _TRAINING/EPOCH-JOB-HOLDER}. The one of the highest epoch is in
 * force. Holders write only their own files, so none can take a lease back from another. Each
 * rewrites its file every few seconds, as a sign of life. Its age is by the storage's clock.
 *
 * <p>Another job is refused while this one lives. Another worker of the same job is not: the runner
 * has moved the model there, and whoever held it before ends at its next checkpoint at the latest.
 *
 * <pre>{@code
 * try (TrainingLease lease = TrainingLease.take(model)) {
 *   TrainingSpec spec = TrainingSpec.of(..., lease.job());
 *   pipeline.apply(TrainSimclr.of(spec));
 *   pipeline.run().waitUntilFinish();
 *   lease.end();
 * }
 * }</pre>
 */
public final class TrainingLease implements Fence, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingLease.class);
  private static final String FOLDER = "_TRAINING/";

  /** What names of jobs and holders look like, a regular expression. */
  static final String TOKEN = "[0-9a-f]{8}";

  /** Small against the time that it takes to start a job; a sign costs one small file. */
  private static final Duration RENEWAL = Duration.ofSeconds(5);

  /** Several signs may come late, as in a long pause of the JVM or of the storage. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final BeamFileStore folder;
  private final Instant since;
  private final LifeSign sign;
  private volatile Entry entry;
  private volatile boolean replaced;

  /**
   * The name of a lease.
   *
   * @param epoch counts leases of the folder; 0 for who only asks
   * @param job random name of the job
   * @param holder random name of who holds it
   */
  private record Entry(long epoch, String job, String holder) {
    private static final Pattern NAME =
        Pattern.compile(".*/(\\d{8})-(%1$s)-(%1$s)".formatted(TOKEN));
    static final Comparator<Entry> ORDER =
        Comparator.comparingLong(Entry::epoch)
            .thenComparing(Entry::job)
            .thenComparing(Entry::holder);

    static @Nullable Entry parse(String file) {
      Matcher name = NAME.matcher(file);
      return name.matches()
          ? new Entry(Long.parseLong(name.group(1)), name.group(2), name.group(3))
          : null;
    }

    String file() {
      return "%s%08d-%s-%s".formatted(FOLDER, epoch, job, holder);
    }
  }

  /**
   * What a lease's file holds, for people.
   *
   * @param host name of the machine
   * @param process number on that machine
   * @param since when the lease was taken, by the clock of that machine
   * @param ended whether the job is over
   */
  private record Content(String host, long process, String since, boolean ended) {}

  /**
   * A lease as others see it.
   *
   * @param modifiedMillis time of the last sign of life by the storage's clock; 0 if it has none
   */
  private record Seen(Entry entry, long modifiedMillis) {}

  private TrainingLease(BeamFileStore folder, Entry entry, Instant since, Duration renewal)
      throws IOException {
    this.folder = folder;
    this.entry = entry;
    this.since = since;
    write(entry, false);
    this.sign = LifeSign.every(renewal, folder.location(), this::renew);
  }

  /**
   * Takes the lease of a model folder for a new job. Where the holder before gave a sign of life a
   * moment ago, this waits to see whether it gives another one, for 20 seconds at most.
   *
   * @throws FolderInUseException if another job lives, with who it is and since when
   */
  public static TrainingLease take(BeamFileStore model) throws IOException {
    return take(model, token());
  }

  /** Takes the lease for a job, or for another worker of a job that has it already. */
  static TrainingLease take(BeamFileStore model, String job) throws IOException {
    return take(model, job, RENEWAL, PATIENCE);
  }

  static TrainingLease take(BeamFileStore model, String job, Duration renewal, Duration patience)
      throws IOException {
    String holder = token();
    Instant since = Clock.systemUTC().instant();
    Entry asking = new Entry(0, job, holder);
    long epoch;
    try {
      epoch = await(model, asking, renewal, patience) + 1;
    } finally {
      model.delete(List.of(asking.file()));
    }
    TrainingLease lease = new TrainingLease(model, new Entry(epoch, job, holder), since, renewal);
    try {
      lease.check();
      lease.clear(patience);
    } catch (IOException e) {
      lease.close();
      throw e;
    }
    return lease;
  }

  /** Waits until a job may take the lease, and returns the epoch in force. */
  private static long await(BeamFileStore model, Entry asking, Duration renewal, Duration patience)
      throws IOException {
    long begin = System.nanoTime();
    long firstSign = -1;
    while (true) {
      touch(model, asking);
      List<Seen> leases = list(model);
      Seen owner = newest(leases);
      if (owner.entry.epoch == 0 || owner.entry.job.equals(asking.job)) {
        return owner.entry.epoch;
      }
      @Nullable Content content = read(model, owner.entry);
      if (content == null) {
        continue; // it was cleared away, by a newer one
      }
      long now = 0;
      long lastSign = 0;
      for (Seen lease : leases) {
        if (lease.entry.equals(asking)) {
          now = lease.modifiedMillis;
        } else if (lease.entry.job.equals(owner.entry.job)) {
          lastSign = Math.max(lastSign, lease.modifiedMillis);
        }
      }
      if (content.ended || (lastSign > 0 && now - lastSign > patience.toMillis())) {
        return owner.entry.epoch;
      }
      LifeSign.Holder holder = new LifeSign.Holder(content.host, content.process);
      if (firstSign < 0) {
        firstSign = lastSign;
        LOG.info(
            "{} trained here a moment ago, since {}. Waiting for up to {} s to see whether it lives.",
            holder,
            content.since,
            Math.max(1, patience.toSeconds() - Math.max(0, now - lastSign) / 1000));
      } else if (lastSign > firstSign) {
        throw new FolderInUseException(
            "%s is being trained by %s since %s. Let it finish, stop it, or choose another folder."
                .formatted(model.location(), holder, content.since));
      } else if (Duration.ofNanos(System.nanoTime() - begin).compareTo(patience) > 0) {
        return owner.entry.epoch; // the storage tells no times
      }
      pause(renewal.dividedBy(2));
    }
  }

  private static void pause(Duration time) throws InterruptedIOException {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another trainer");
    }
  }

  private static String token() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  private static List<Seen> list(FileStore model) throws IOException {
    List<Seen> leases = new ArrayList<>();
    for (MatchResult.Metadata file : FileListing.of(model.location() + FOLDER + "*")) {
      @Nullable Entry entry = Entry.parse(file.resourceId().toString());
      if (entry != null) {
        leases.add(new Seen(entry, file.lastModifiedMillis()));
      }
    }
    return leases;
  }

  /** Returns the lease in force. There is always one, if only of who asks. */
  private static Seen newest(List<Seen> leases) throws IOException {
    return leases.stream()
        .max(Comparator.comparing(Seen::entry, Entry.ORDER))
        .orElseThrow(() -> new IOException("a lease that was just written is not there"));
  }

  private static @Nullable Content read(FileStore model, Entry entry) throws IOException {
    try (InputStream in = model.open(entry.file())) {
      return Json.read(
          in,
          model.location() + entry.file(),
          "Make sure that nobody trains there, and delete it.",
          json -> Json.MAPPER.treeToValue(json, Content.class));
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  private static void touch(FileStore model, Entry entry) throws IOException {
    model.write(entry.file(), nothing -> {});
  }

  private void write(Entry written, boolean ended) throws IOException {
    LifeSign.Holder here = LifeSign.Holder.here();
    byte[] content =
        Json.MAPPER.writeValueAsBytes(
            new Content(here.host(), here.process(), since.toString(), ended));
    folder.write(written.file(), out -> out.write(content));
  }

  /** Gives a sign of life. */
  void renew() throws IOException {
    Entry mine = entry;
    write(mine, false);
    replaced = !newest(list(folder)).entry.equals(mine);
  }

  /** Deletes the leases of earlier jobs, and of workers of this one that are gone for long. */
  private void clear(Duration patience) throws IOException {
    List<Seen> leases = list(folder);
    long now = newest(leases).modifiedMillis;
    folder.delete(
        leases.stream()
            .filter(lease -> Entry.ORDER.compare(lease.entry, entry) < 0)
            .filter(
                lease ->
                    (lease.entry.epoch > 0 && !lease.entry.job.equals(entry.job))
                        || now - lease.modifiedMillis > patience.toMillis())
            .map(lease -> lease.entry.file())
            .toList());
  }

  /** Returns the name of the job that this lease is for. */
  public String job() {
    return entry.job;
  }

  /** Returns the name of who holds it. */
  String holder() {
    return entry.holder;
  }

  /**
   * Returns whether another one has taken the lease, as far as was seen at the last sign of life.
   */
  boolean isReplaced() {
    return replaced;
  }

  /**
   * {@inheritDoc}
   *
   * @throws FolderInUseException if another one has taken the lease, with who it is
   */
  @Override
  public void check() throws IOException {
    Entry newest = newest(list(folder)).entry;
    if (!newest.equals(entry)) {
      replaced = true;
      @Nullable Content other = read(folder, newest);
      throw new FolderInUseException(
          "%s is trained by %s now. This trainer, which has trained since %s, ends without writing any more."
              .formatted(
                  folder.location(),
                  other == null ? "another one" : new LifeSign.Holder(other.host, other.process),
                  since));
    }
  }

  /**
   * Takes the lease back from the workers of the job, when they have done theirs.
   *
   * @throws FolderInUseException if another job has taken it meanwhile
   */
  public void takeBack() throws IOException {
    Entry newest = newest(list(folder)).entry;
    if (newest.job.equals(entry.job)) {
      entry = new Entry(newest.epoch + 1, entry.job, entry.holder);
      write(entry, false);
    }
    check();
  }

  /**
   * Says that the job is over, so that the next one need not wait. Does nothing if another job has
   * taken the lease, and only warns if the folder cannot be reached.
   */
  public void end() {
    close();
    try {
      List<Seen> leases = list(folder);
      Entry newest = newest(leases).entry;
      if (newest.job.equals(entry.job)) {
        write(new Entry(newest.epoch + 1, entry.job, entry.holder), true);
        folder.delete(
            leases.stream()
                .filter(lease -> lease.entry.job.equals(entry.job))
                .map(lease -> lease.entry.file())
                .toList());
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot say in {} that the job is over: {}", folder.location(), e.getMessage());
    }
  }

  /** Ends the signs of life from here. Other holders of the job may go on giving theirs. */
  @Override
  public void close() {
    sign.close();
  }
}
