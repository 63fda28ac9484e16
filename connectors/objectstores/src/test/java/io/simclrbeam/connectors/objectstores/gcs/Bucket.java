package io.simclrbeam.connectors.objectstores.gcs;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** A bucket in memory. */
final class Bucket {
  private final String name;
  private final NavigableMap<String, StoredObject> objects = new ConcurrentSkipListMap<>();
  private final AtomicLong generations = new AtomicLong();

  Bucket(String name) {
    this.name = name;
  }

  Optional<StoredObject> get(String object) {
    return Optional.ofNullable(objects.get(object));
  }

  StoredObject put(String object, String contentType, byte[] bytes) {
    StoredObject stored =
        new StoredObject(
            name,
            object,
            contentType,
            generations.incrementAndGet(),
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            bytes);
    objects.put(object, stored);
    return stored;
  }

  boolean remove(String object) {
    return objects.remove(object) != null;
  }

  /** Returns objects whose names begin with a prefix, from a name on, in their order. */
  List<StoredObject> list(String prefix, String from) {
    List<StoredObject> found = new ArrayList<>();
    String start = from.compareTo(prefix) > 0 ? from : prefix;
    for (StoredObject object : objects.tailMap(start).values()) {
      if (!object.name().startsWith(prefix)) {
        break;
      }
      found.add(object);
    }
    return found;
  }
}
