package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.evaluate.MomentsPart;
import io.simclrbeam.transforms.coders.SerialCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Collects the {@link Moments} of embeddings, in slices: the products of 2,048 numbers are 17 MB,
 * more than a runner's buffers take as one element.
 */
final class CollectMoments extends PTransform<PCollection<Embedding>, PCollection<MomentsPart>> {
  private static final long serialVersionUID = 1;

  private final int dimension;

  private CollectMoments(int dimension) {
    this.dimension = dimension;
  }

  /** Collects those of embeddings of {@code dimension} numbers. */
  static CollectMoments ofDimension(int dimension) {
    return new CollectMoments(dimension);
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.add(DisplayData.item("dimension", dimension));
  }

  @Override
  public PCollection<MomentsPart> expand(PCollection<Embedding> embeddings) {
    SerialCoder<MomentsPart> parts = SerialCoder.of(MomentsPart.class);
    return embeddings
        .apply("AddUp", ParDo.of(new AddUpFn(dimension)))
        .setCoder(KvCoder.of(VarIntCoder.of(), parts))
        .apply("Merge", Combine.perKey(new MergeFn()))
        .apply("Parts", Values.create());
  }

  /** Adds up the embeddings of a bundle. */
  private static final class AddUpFn extends DoFn<Embedding, KV<Integer, MomentsPart>> {
    private final int dimension;
    private transient @Nullable Moments moments;

    AddUpFn(int dimension) {
      this.dimension = dimension;
    }

    @ProcessElement
    public void process(@Element Embedding embedding) {
      if (moments == null) {
        moments = new Moments(dimension);
      }
      moments.add(embedding.vector());
    }

    @FinishBundle
    public void finish(FinishBundleContext context) {
      if (moments != null) {
        for (MomentsPart part : moments.parts()) {
          context.output(
              KV.of(part.index(), part),
              GlobalWindow.INSTANCE.maxTimestamp(),
              GlobalWindow.INSTANCE);
        }
        moments = null;
      }
    }
  }

  private static final class MergeFn extends Combine.BinaryCombineFn<MomentsPart> {
    private static final long serialVersionUID = 1;

    @Override
    public MomentsPart apply(MomentsPart left, MomentsPart right) {
      return left.merge(right);
    }
  }
}
