package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.transforms.dataset.Embedding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a search for near duplicates must find, by comparing everything with everything. */
record AllPairs(Map<String, Map<String, Double>> groups, List<String> kept) {

  static AllPairs of(List<Embedding> images, double threshold) {
    List<Embedding> ordered = new ArrayList<>(images);
    ordered.sort(
        Comparator.comparing((Embedding image) -> image.width() * image.height())
            .reversed()
            .thenComparing(Embedding::id));
    List<Embedding> kept = new ArrayList<>();
    for (Embedding image : ordered) {
      if (kept.stream().noneMatch(other -> similarity(image, other) >= threshold)) {
        kept.add(image);
      }
    }
    Map<String, Map<String, Double>> groups = new TreeMap<>();
    for (Embedding image : ordered) {
      Embedding nearest = image;
      if (!kept.contains(image)) {
        nearest = kept.get(0);
        for (Embedding other : kept) {
          nearest = similarity(image, other) > similarity(image, nearest) ? other : nearest;
        }
      }
      double similarity = nearest == image ? 1 : similarity(image, nearest);
      groups.computeIfAbsent(nearest.id(), id -> new TreeMap<>()).put(image.id(), similarity);
    }
    groups.values().removeIf(group -> group.size() == 1);
    return new AllPairs(groups, kept.stream().map(Embedding::id).sorted().toList());
  }

  private static double similarity(Embedding a, Embedding b) {
    return Cosine.similarity(a.vector(), b.vector());
  }
}
