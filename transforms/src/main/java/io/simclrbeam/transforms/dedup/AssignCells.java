package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Cells;
import java.util.List;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;

/** Sends each image to its own cell, and as a guest to those where it may have near duplicates. */
final class AssignCells extends PTransform<PCollection<Point>, PCollectionTuple> {
  private static final long serialVersionUID = 1;

  /** Points by the number of their cell. */
  static final TupleTag<KV<Integer, Point>> POINTS = new TupleTag<>("points") {};

  /** {@link DedupCounts} of copies. */
  static final TupleTag<KV<String, Long>> COUNTS = new TupleTag<>("counts") {};

  private final DedupSpec spec;
  private final PCollectionView<Cells> cells;

  private AssignCells(DedupSpec spec, PCollectionView<Cells> cells) {
    this.spec = spec;
    this.cells = cells;
  }

  static AssignCells of(DedupSpec spec, PCollectionView<Cells> cells) {
    return new AssignCells(spec, cells);
  }

  @Override
  public PCollectionTuple expand(PCollection<Point> points) {
    PCollectionTuple outputs =
        points.apply(
            "Assign",
            ParDo.of(new AssignFn(spec, cells))
                .withSideInputs(cells)
                .withOutputTags(POINTS, TupleTagList.of(COUNTS)));
    outputs.get(POINTS).setCoder(KvCoder.of(VarIntCoder.of(), Point.PointCoder.INSTANCE));
    outputs.get(COUNTS).setCoder(DedupCounts.CODER);
    return outputs;
  }

  private static final class AssignFn extends DoFn<Point, KV<Integer, Point>> {
    private final DedupSpec spec;
    private final PCollectionView<Cells> view;

    AssignFn(DedupSpec spec, PCollectionView<Cells> view) {
      this.spec = spec;
      this.view = view;
    }

    @ProcessElement
    public void process(@Element Point point, ProcessContext context, MultiOutputReceiver out) {
      Cells cells = context.sideInput(view);
      point.requireDimension(cells.dimension());
      Cells.Assignment assignment = cells.assign(point.vector(), spec.threshold());
      out.get(POINTS).output(KV.of(assignment.home(), point));
      List<Integer> visits = assignment.visits();
      int copies = Math.min(visits.size(), spec.maxCopies());
      for (int cell : visits.subList(0, copies)) {
        out.get(POINTS).output(KV.of(cell, point.asGuest()));
      }
      count(DedupCounts.COPIES, copies, out);
      if (copies < visits.size()) {
        count(DedupCounts.COPIES_LEFT_OUT, visits.size() - copies, out);
        count(DedupCounts.IMAGES_LEFT_OUT, 1, out);
      }
    }

    private static void count(String name, long number, MultiOutputReceiver out) {
      if (number > 0) {
        out.get(COUNTS).output(KV.of(name, number));
      }
    }
  }
}
