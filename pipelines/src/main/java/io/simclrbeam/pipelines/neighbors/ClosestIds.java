package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.pipelines.Spelling;
import java.util.ArrayList;
import java.util.List;

/** Finds the ids that are closest to one that is not there, among ids that stream by. */
final class ClosestIds {
  private static final int SHOWN = 3;
  private static final int CHUNK = 10_000;

  private final String typed;
  private final List<String> candidates = new ArrayList<>();
  private final List<String> ends = new ArrayList<>();

  ClosestIds(String typed) {
    this.typed = typed;
  }

  /** Takes an id. */
  synchronized void offer(String id) {
    if (ends.size() < SHOWN && id.endsWith("/" + typed)) {
      ends.add(id);
    }
    candidates.add(id);
    if (candidates.size() >= CHUNK) {
      reduce();
    }
  }

  /** Returns ids that end in the one that was typed, then those that are fewest edits away. */
  synchronized List<String> closest() {
    reduce();
    ends.sort(null);
    List<String> closest = new ArrayList<>(ends);
    candidates.stream().filter(id -> !ends.contains(id)).forEach(closest::add);
    return closest.subList(0, Math.min(SHOWN, closest.size()));
  }

  private void reduce() {
    candidates.sort(null);
    List<String> kept = Spelling.closest(typed, candidates, SHOWN);
    candidates.clear();
    candidates.addAll(kept);
  }
}
