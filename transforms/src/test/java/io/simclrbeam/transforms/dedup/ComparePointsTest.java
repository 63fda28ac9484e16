package io.simclrbeam.transforms.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.dataset.Embedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ComparePointsTest {
  private static final int DIMENSION = 10;
  private static final double THRESHOLD = 0.95;

  /** All in one cell, of which every third image is a guest, however small the blocks. */
  @ParameterizedTest
  @ValueSource(ints = {10_000 * DIMENSION, 100 * DIMENSION, 7 * DIMENSION})
  void aHugeCellIsComparedInBlocks(int blockNumbers) {
    List<Embedding> images =
        new PlantedImages(DIMENSION, 2).addRandom(100).addNear(150, 0.3).addEqual(30).images();
    // Equal guests are one from the start if they are in one block.
    images.removeIf(image -> isGuest(image) && image.id().compareTo("image-0250") >= 0);
    List<KV<Integer, Point>> points = new ArrayList<>();
    for (Embedding image : images) {
      Point point = new Point(image.id(), isGuest(image), false, image.vector());
      points.add(KV.of(5, point));
    }
    Pipeline pipeline = DirectPipeline.checked();

    PCollection<KV<String, String>> pairs =
        pipeline
            .apply(
                Create.of(points)
                    .withCoder(KvCoder.of(VarIntCoder.of(), Point.PointCoder.INSTANCE)))
            .apply(ComparePoints.above(THRESHOLD).withBlocks(blockNumbers));

    Map<String, String> expected = expected(images);
    List<KV<String, String>> components = new ArrayList<>();
    expected.forEach((id, component) -> components.add(KV.of(id, component)));
    assertThat(expected).hasSizeGreaterThan(100);
    PAssert.that(pairs.apply(JoinPairs.create())).containsInAnyOrder(components);
    if (blockNumbers == 10_000 * DIMENSION) {
      long forest = expected.size() - expected.values().stream().distinct().count();
      PAssert.that(pairs.apply("Count", Count.globally())).containsInAnyOrder(forest);
    }
    pipeline.run().waitUntilFinish();
  }

  private static boolean isGuest(Embedding image) {
    return image.id().endsWith("3") || image.id().endsWith("7");
  }

  /** Spreads the least id over all pairs until nothing changes. */
  private static Map<String, String> expected(List<Embedding> images) {
    Map<String, String> least = new TreeMap<>();
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Embedding a : images) {
        for (Embedding b : images) {
          double similarity = Cosine.similarity(a.vector(), b.vector());
          boolean compared = !isGuest(a) || !isGuest(b);
          if (a != b && compared && similarity >= THRESHOLD) {
            String of = least.getOrDefault(a.id(), a.id());
            String ofOther = least.getOrDefault(b.id(), b.id());
            String low = of.compareTo(ofOther) < 0 ? of : ofOther;
            changed |= !low.equals(least.put(a.id(), low));
            changed |= !low.equals(least.put(b.id(), low));
          }
        }
      }
    }
    return least;
  }
}
