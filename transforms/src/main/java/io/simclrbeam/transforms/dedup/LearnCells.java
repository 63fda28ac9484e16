package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Cells;
import io.simclrbeam.model.neighbors.SphericalKMeans;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.text.Numbers;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionView;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Divides the images into cells of similar ones, by k-means on a sample in one worker. The sample
 * depends on the seed, the ids and the number of images alone. Yields one element; none if there
 * are no images.
 */
final class LearnCells extends PTransform<PCollection<Point>, PCollection<Cells>> {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(LearnCells.class);
  private static final int ITERATIONS = 10;

  private final DedupSpec spec;
  private final PCollectionView<Long> images;

  private LearnCells(DedupSpec spec, PCollectionView<Long> images) {
    this.spec = spec;
    this.images = images;
  }

  /**
   * Learns cells.
   *
   * @param images the number of points
   */
  static LearnCells of(DedupSpec spec, PCollectionView<Long> images) {
    return new LearnCells(spec, images);
  }

  @Override
  public PCollection<Cells> expand(PCollection<Point> points) {
    return points
        .apply("Sample", ParDo.of(new SampleFn(spec, images)).withSideInputs(images))
        .setCoder(KvCoder.of(VarIntCoder.of(), Point.PointCoder.INSTANCE))
        .apply("Gather", GroupByKey.create())
        .apply("Learn", ParDo.of(new LearnFn(spec, images)).withSideInputs(images))
        .setCoder(CellsCoder.INSTANCE);
  }

  private static long order(long seed, String id) {
    return RandomStreams.of(seed).stream(Purpose.CELLS, id.hashCode()).nextLong() >>> 1;
  }

  private static final class SampleFn extends DoFn<Point, KV<Integer, Point>> {
    /** More than are wanted, because their number varies. Those last in order are left out. */
    private static final double OVERSAMPLING = 2;

    private final DedupSpec spec;
    private final PCollectionView<Long> images;

    SampleFn(DedupSpec spec, PCollectionView<Long> images) {
      this.spec = spec;
      this.images = images;
    }

    @ProcessElement
    public void process(
        @Element Point point, ProcessContext context, OutputReceiver<KV<Integer, Point>> out) {
      long all = context.sideInput(images);
      double share = OVERSAMPLING * spec.samplesFor(all, point.vector().length) / all;
      if (order(spec.seed(), point.id()) <= share * Long.MAX_VALUE) {
        out.output(KV.of(0, point));
      }
    }
  }

  private static final class LearnFn extends DoFn<KV<Integer, Iterable<Point>>, Cells> {
    private final DedupSpec spec;
    private final PCollectionView<Long> images;

    LearnFn(DedupSpec spec, PCollectionView<Long> images) {
      this.spec = spec;
      this.images = images;
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<Point>> gathered,
        ProcessContext context,
        OutputReceiver<Cells> out) {
      long start = System.nanoTime();
      List<Point> sample = new ArrayList<>();
      gathered.getValue().forEach(sample::add);
      sample.sort(
          Comparator.comparingLong((Point point) -> order(spec.seed(), point.id()))
              .thenComparing(Point::id));
      long all = context.sideInput(images);
      int dimension = sample.get(0).vector().length;
      List<float[]> vectors =
          sample.stream()
              .limit(spec.samplesFor(all, dimension))
              .peek(point -> point.requireDimension(dimension))
              .map(Point::vector)
              .toList();
      Cells cells = SphericalKMeans.learn(vectors, spec.cellsFor(all), ITERATIONS);
      LOG.info(
          "Divided {} into {}, learned from {} of them in {} s.",
          Numbers.count(all, "image"),
          Numbers.count(cells.size(), "cell"),
          vectors.size(),
          String.format(Locale.ROOT, "%.1f", (System.nanoTime() - start) / 1e9));
      out.output(cells);
    }
  }

  /** Writes the centroids of cells as big-endian float32. */
  private static final class CellsCoder extends AtomicCoder<Cells> {
    private static final long serialVersionUID = 1;
    static final CellsCoder INSTANCE = new CellsCoder();

    private CellsCoder() {}

    @Override
    public void encode(Cells cells, OutputStream out) throws IOException {
      DataOutputStream data = new DataOutputStream(out);
      data.writeInt(cells.size());
      data.writeInt(cells.dimension());
      for (float[] centroid : cells.centroids()) {
        for (float number : centroid) {
          data.writeFloat(number);
        }
      }
      data.flush();
    }

    @Override
    public Cells decode(InputStream in) throws IOException {
      DataInputStream data = new DataInputStream(in);
      int size = data.readInt();
      int dimension = data.readInt();
      List<float[]> centroids = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        float[] centroid = new float[dimension];
        for (int k = 0; k < dimension; k++) {
          centroid[k] = data.readFloat();
        }
        centroids.add(centroid);
      }
      return Cells.of(centroids);
    }
  }
}
