package io.simclrbeam.transforms.images;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.transforms.coders.SerialCoder;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.ListCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Top;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;

/**
 * Draws some images. The same ids give the same draw, whatever their chunks. Yields one list, in
 * the order of the draw, of as many images as asked for, or all if there are fewer.
 */
@AutoValue
public abstract class DrawImages
    extends PTransform<PCollection<ImageChunk>, PCollection<List<ImageRef>>> {
  abstract long seed();

  abstract int images();

  /**
   * Draws images.
   *
   * @param seed another seed draws other images
   * @throws IllegalArgumentException if there are to be fewer than 1
   */
  public static DrawImages of(long seed, int images) {
    if (images < 1) {
      throw new IllegalArgumentException(
          "%d images are to be drawn, but must be at least 1".formatted(images));
    }
    return new AutoValue_DrawImages(seed, images);
  }

  @Override
  public PCollection<List<ImageRef>> expand(PCollection<ImageChunk> chunks) {
    return chunks
        .apply("Rank", ParDo.of(new RankFn(seed())))
        .setCoder(KvCoder.of(VarLongCoder.of(), SerialCoder.of(ImageRef.class)))
        .apply("First", Top.of(images(), new ByRank()))
        .apply("WithoutRanks", ParDo.of(new WithoutRanksFn()))
        .setCoder(ListCoder.of(SerialCoder.of(ImageRef.class)));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("seed", seed()).withLabel("Seed"))
        .add(DisplayData.item("images", images()).withLabel("Images To Draw"));
  }

  private static final class RankFn extends DoFn<ImageChunk, KV<Long, ImageRef>> {
    private final long seed;

    RankFn(long seed) {
      this.seed = seed;
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<KV<Long, ImageRef>> out) {
      RandomStreams streams = RandomStreams.of(seed);
      for (ImageRef image : chunk.images()) {
        long rank = streams.stream(Purpose.DRAWN_IMAGES, image.id().hashCode()).nextLong();
        out.output(KV.of(rank, image));
      }
    }
  }

  /** The order that {@link Top} takes the largest of. */
  private static final class ByRank implements Comparator<KV<Long, ImageRef>>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public int compare(KV<Long, ImageRef> a, KV<Long, ImageRef> b) {
      int byRank = a.getKey().compareTo(b.getKey());
      return byRank != 0 ? byRank : a.getValue().id().compareTo(b.getValue().id());
    }
  }

  private static final class WithoutRanksFn extends DoFn<List<KV<Long, ImageRef>>, List<ImageRef>> {
    @ProcessElement
    public void process(
        @Element List<KV<Long, ImageRef>> ranked, OutputReceiver<List<ImageRef>> out) {
      out.output(ranked.stream().map(KV::getValue).toList());
    }
  }
}
