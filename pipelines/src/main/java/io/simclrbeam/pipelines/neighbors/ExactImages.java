package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.neighbors.ExactSearch;
import io.simclrbeam.model.neighbors.Neighbor;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.Embedding;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Compares with every image, reading them each time and keeping none. */
final class ExactImages implements ImageSearch {
  private final CurrentView view;
  private final LongAdder images = new LongAdder();

  ExactImages(CurrentView view) {
    this.view = view;
  }

  @Override
  public Map<String, Query> find(Set<String> ids) throws IOException {
    Map<String, Query> found = new ConcurrentHashMap<>();
    if (!ids.isEmpty()) {
      view.forEach(
          () ->
              image -> {
                if (ids.contains(image.id())) {
                  found.put(
                      image.id(),
                      new Query(
                          image.id(), image.id(), image.uri(), image.label(), image.vector()));
                }
              },
          () -> found.size() == ids.size());
    }
    return found;
  }

  @Override
  public List<List<Neighbor>> nearest(List<Query> queries, int k) throws IOException {
    int dimension = queries.get(0).vector().length;
    Collection<ExactSearch<Embedding>> parts = new ConcurrentLinkedQueue<>();
    images.reset();
    view.forEach(
        () -> {
          ExactSearch<Embedding> part = create(queries, k);
          parts.add(part);
          return image -> {
            ImageSearch.check(image, dimension);
            part.offer(image, image.vector());
            images.increment();
          };
        });
    ExactSearch<Embedding> all = create(queries, k);
    parts.forEach(all::join);
    return all.nearest().stream()
        .map(hits -> hits.stream().map(ExactImages::neighbor).toList())
        .toList();
  }

  private static ExactSearch<Embedding> create(List<Query> queries, int k) {
    return new ExactSearch<>(
        queries.stream().map(Query::vector).toList(), k, Comparator.comparing(Embedding::id));
  }

  private static Neighbor neighbor(ExactSearch.Hit<Embedding> hit) {
    Embedding image = hit.thing();
    return new Neighbor(image.id(), image.label(), image.uri(), hit.similarity());
  }

  @Override
  public long images() {
    return images.sum();
  }

  @Override
  public @Nullable Double recall(int k) {
    return null;
  }

  @Override
  public void close() {}
}
