package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Components;
import io.simclrbeam.model.neighbors.SimilarPairs;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.text.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionView;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the images of each cell with each other and with its guests. Yields pairs of ids that
 * connect all images between which there is a chain of similar ones. These are fewer pairs than
 * there are images, while n images may have n<sup>2</sup> / 2 similar pairs.
 *
 * <p>A cell with more images than fit well into memory is divided into blocks, and each pair of
 * blocks is compared by itself, so that a worker holds no more than two blocks of 32 MiB.
 */
final class ComparePoints
    extends PTransform<PCollection<KV<Integer, Point>>, PCollection<KV<String, String>>> {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(ComparePoints.class);

  /** Of float32 in a block: 32 MiB. */
  private static final int BLOCK_NUMBERS = 1 << 23;

  private final double threshold;
  private final int blockNumbers;

  private ComparePoints(double threshold, int blockNumbers) {
    this.threshold = threshold;
    this.blockNumbers = blockNumbers;
  }

  static ComparePoints above(double threshold) {
    return new ComparePoints(threshold, BLOCK_NUMBERS);
  }

  /** Returns this with blocks of so many numbers. */
  ComparePoints withBlocks(int numbers) {
    return new ComparePoints(threshold, numbers);
  }

  @Override
  public PCollection<KV<String, String>> expand(PCollection<KV<Integer, Point>> points) {
    PCollectionView<Map<Integer, Long>> sizes =
        points.apply("CellSizes", Count.perKey()).apply("SizesOfAll", View.asMap());
    return points
        .apply("PairBlocks", ParDo.of(new PairBlocksFn(sizes, blockNumbers)).withSideInputs(sizes))
        .setCoder(KvCoder.of(VarLongCoder.of(), Point.PointCoder.INSTANCE))
        .apply("Bring", GroupByKey.create())
        .apply("Compare", ParDo.of(new CompareFn(threshold)))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of()));
  }

  /** Sends a point to each pair of blocks that its block is one of. */
  private static final class PairBlocksFn extends DoFn<KV<Integer, Point>, KV<Long, Point>> {
    private static final int BLOCK_BITS = 20;

    private final PCollectionView<Map<Integer, Long>> sizes;
    private final int blockNumbers;

    PairBlocksFn(PCollectionView<Map<Integer, Long>> sizes, int blockNumbers) {
      this.sizes = sizes;
      this.blockNumbers = blockNumbers;
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Point> element,
        ProcessContext context,
        OutputReceiver<KV<Long, Point>> out) {
      Point point = element.getValue();
      long blockSize = Math.max(1, blockNumbers / point.vector().length);
      long size = context.sideInput(sizes).getOrDefault(element.getKey(), 1L);
      int blocks = Math.toIntExact((size - 1) / blockSize + 1);
      int own = Math.floorMod(SeededRandom.mix(point.id().hashCode()), blocks);
      for (int other = 0; other < blocks; other++) {
        long left = Math.min(own, other);
        long right = Math.max(own, other);
        long key = (((long) element.getKey() << BLOCK_BITS | left) << BLOCK_BITS) | right;
        out.output(KV.of(key, point.onTheRight(own > other)));
      }
    }
  }

  private static final class CompareFn extends DoFn<KV<Long, Iterable<Point>>, KV<String, String>> {
    private static final long LOG_NANOS = 10_000_000_000L;

    private final Counter compared = Metrics.counter(ComparePoints.class, "pairs_compared");
    private final double threshold;
    private long comparisons;
    private long loggedAt = System.nanoTime();

    CompareFn(double threshold) {
      this.threshold = threshold;
    }

    @ProcessElement
    public void process(
        @Element KV<Long, Iterable<Point>> block, OutputReceiver<KV<String, String>> out) {
      Forest forest = new Forest(out);
      Side homesLeft = new Side(forest);
      Side guestsLeft = new Side(forest);
      Side homesRight = new Side(forest);
      Side guestsRight = new Side(forest);
      for (Point point : block.getValue()) {
        if (point.right()) {
          (point.guest() ? guestsRight : homesRight).add(point);
        } else {
          (point.guest() ? guestsLeft : homesLeft).add(point);
        }
      }
      // Guests are not compared with each other. They meet again in the cell of one of them.
      boolean oneBlock = homesRight.isEmpty() && guestsRight.isEmpty();
      if (oneBlock) {
        homesLeft.compareWithin(threshold);
        count(homesLeft.size() * (homesLeft.size() - 1) / 2);
        compare(guestsLeft, homesLeft);
      } else {
        compare(homesLeft, homesRight);
        compare(guestsLeft, homesRight);
        compare(guestsRight, homesLeft);
      }
      report();
    }

    private void compare(Side rows, Side columns) {
      rows.compareWith(columns, threshold);
      count(rows.size() * columns.size());
    }

    private void count(long pairs) {
      compared.inc(pairs);
      comparisons += pairs;
    }

    private void report() {
      long now = System.nanoTime();
      if (now - loggedAt > LOG_NANOS) {
        loggedAt = now;
        LOG.info(
            "One of the workers has compared {}.",
            comparisons < 1_000_000
                ? Numbers.count(comparisons, "pair")
                : Numbers.count(comparisons / 1_000_000, "million pair"));
      }
    }
  }

  /** Yields the pairs that connect what was not connected before. */
  private static final class Forest {
    private final Components components = new Components();
    private final List<String> ids = new ArrayList<>();
    private final DoFn.OutputReceiver<KV<String, String>> out;

    Forest(DoFn.OutputReceiver<KV<String, String>> out) {
      this.out = out;
    }

    int add(String id) {
      ids.add(id);
      return components.add();
    }

    void join(int one, int other) {
      if (components.join(one, other)) {
        out.output(KV.of(ids.get(one), ids.get(other)));
      }
    }
  }

  /** Points of one kind. Those with equal vectors are compared as one. */
  private static final class Side {
    private final Forest forest;
    private final Map<Point.VectorKey, Integer> positions = new HashMap<>();
    private final List<float[]> vectors = new ArrayList<>();
    private final List<Integer> nodes = new ArrayList<>();

    Side(Forest forest) {
      this.forest = forest;
    }

    void add(Point point) {
      int node = forest.add(point.id());
      Integer equal = positions.putIfAbsent(new Point.VectorKey(point.vector()), vectors.size());
      if (equal == null) {
        vectors.add(point.vector());
        nodes.add(node);
      } else {
        forest.join(nodes.get(equal), node);
      }
    }

    boolean isEmpty() {
      return vectors.isEmpty();
    }

    long size() {
      return vectors.size();
    }

    void compareWithin(double threshold) {
      new SimilarPairs(threshold)
          .within(vectors, (row, column) -> forest.join(nodes.get(row), nodes.get(column)));
    }

    void compareWith(Side other, double threshold) {
      new SimilarPairs(threshold)
          .between(
              vectors,
              other.vectors,
              (row, column) -> forest.join(nodes.get(row), other.nodes.get(column)));
    }
  }
}
