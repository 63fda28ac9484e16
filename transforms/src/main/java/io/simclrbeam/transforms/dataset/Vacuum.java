package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which runs nobody needs any more: those that a base replaces, those that were held back, and
 * those that were never finished, each after a time. Until then readers that began before a base
 * can go on, and the data set can be read as it was.
 */
public final class Vacuum {
  private Vacuum() {}

  /**
   * A run that is to be deleted.
   *
   * @param run to be deleted
   * @param reason for people
   */
  public record Removal(RunFolder run, String reason) {
    /**
     * Deletes the run. First it ends to be a finished run, so nobody sees a part of it, whenever
     * this is interrupted. A base before which it is keeps it from being published again.
     */
    public void delete() throws IOException {
      FileStore folder = run.store();
      folder.delete(List.of(RunManifest.SUCCESS));
      RunLease.clear(folder, false);
    }
  }

  /**
   * Finds the runs.
   *
   * @param runs all runs of a data set
   * @param retain how long they are kept after they were replaced, held back, or left unfinished
   * @param now by the clock of this machine
   */
  public static List<Removal> find(Collection<RunFolder> runs, Duration retain, Instant now)
      throws IOException {
    List<Removal> removals = new ArrayList<>();
    Instant limit = now.minus(retain);
    Instant patience = now.minus(RunLease.PATIENCE);
    List<Base> bases = bases(runs);
    for (RunFolder run : runs) {
      Optional<Base> base =
          bases.stream().filter(other -> other.replaces(run)).min(Comparator.comparing(Base::at));
      Instant changed = Instant.ofEpochMilli(run.changedMillis());
      @Nullable String reason = null;
      if (run.isSigned() && (run.changedMillis() == 0 || changed.isAfter(patience))) {
        continue; // it is being written
      }
      if (base.isPresent()) {
        if (!base.get().at.isAfter(limit)) {
          reason = "replaced by " + base.get().run.name();
        }
      } else if (run.state() == RunFolder.State.HELD_BACK) {
        if (run.changedMillis() != 0 && changed.isBefore(limit)) {
          reason = "held back";
        }
      } else if (run.state() == RunFolder.State.UNFINISHED
          && run.changedMillis() != 0
          && changed.isBefore(limit)
          && changed.isBefore(patience)) {
        reason = "never finished";
      }
      if (reason != null) {
        removals.add(new Removal(run, reason));
      }
    }
    return removals;
  }

  /** A published base, and when it was. */
  private record Base(RunFolder run, Instant at) {
    boolean replaces(RunFolder other) {
      return other.model().equals(run.model()) && other.name().compareTo(run.name()) < 0;
    }
  }

  private static List<Base> bases(Collection<RunFolder> runs) throws IOException {
    List<Base> bases = new ArrayList<>();
    for (RunFolder run : runs) {
      if (run.isBase() && run.state() == RunFolder.State.PUBLISHED) {
        @Nullable String finished = RunManifest.read(run.store()).finishedAt();
        if (finished != null) {
          bases.add(new Base(run, Instant.parse(finished)));
        }
      }
    }
    return bases;
  }
}
