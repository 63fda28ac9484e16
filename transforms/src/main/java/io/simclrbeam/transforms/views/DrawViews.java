package io.simclrbeam.transforms.views;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.ContactSheet;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Top;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;

/**
 * Draws some images, chosen by the seed, and views of them, as a {@link ContactSheet}. Yields the
 * number of images drawn; nothing, and no file, if none of those chosen can be decoded.
 */
@AutoValue
public abstract class DrawViews extends PTransform<PCollection<ImageChunk>, PCollection<Integer>> {
  /** Some of the images chosen may not be readable. */
  private static final int CANDIDATES_PER_IMAGE = 4;

  abstract AugmentSettings settings();

  abstract long seed();

  abstract int images();

  abstract int pairs();

  abstract String folder();

  abstract String file();

  /**
   * Draws views.
   *
   * @param images rows of the sheet
   * @param pairs pairs of views in a row
   * @param folder in which the file is written
   */
  public static DrawViews of(
      AugmentSettings settings, long seed, int images, int pairs, String folder, String file) {
    return new AutoValue_DrawViews(settings, seed, images, pairs, folder, file);
  }

  @Override
  public PCollection<Integer> expand(PCollection<ImageChunk> chunks) {
    return chunks
        .apply("Rank", ParDo.of(new RankFn(seed())))
        .setCoder(KvCoder.of(VarLongCoder.of(), SerializableCoder.of(ImageRef.class)))
        .apply("Choose", Top.of(CANDIDATES_PER_IMAGE * images(), new ByRank()))
        .apply("Draw", ParDo.of(new DrawFn(this)));
  }

  private static final class RankFn extends DoFn<ImageChunk, KV<Long, ImageRef>> {
    private final long seed;

    RankFn(long seed) {
      this.seed = seed;
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<KV<Long, ImageRef>> out) {
      for (ImageRef image : chunk.images()) {
        out.output(KV.of(SeededRandom.of(seed, image.id().hashCode()).nextLong(), image));
      }
    }
  }

  private static final class ByRank implements Comparator<KV<Long, ImageRef>>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public int compare(KV<Long, ImageRef> a, KV<Long, ImageRef> b) {
      int byRank = a.getKey().compareTo(b.getKey());
      return byRank != 0 ? byRank : a.getValue().id().compareTo(b.getValue().id());
    }
  }

  private static final class DrawFn extends DoFn<List<KV<Long, ImageRef>>, Integer> {
    private final AugmentSettings settings;
    private final long seed;
    private final int images;
    private final int pairs;
    private final String folder;
    private final String file;

    DrawFn(DrawViews spec) {
      settings = spec.settings();
      seed = spec.seed();
      images = spec.images();
      pairs = spec.pairs();
      folder = spec.folder();
      file = spec.file();
    }

    @ProcessElement
    public void process(@Element List<KV<Long, ImageRef>> candidates, OutputReceiver<Integer> out)
        throws IOException {
      ImageDecoder decoder = new ImageDecoder(ExifOrientation.IGNORE);
      ContactSheet sheet = new ContactSheet(settings, seed, pairs);
      try (ImageReader reader = new ImageReader()) {
        for (KV<Long, ImageRef> candidate : candidates) {
          try {
            sheet.add(decoder.decode(reader.read(candidate.getValue())));
          } catch (RejectedImageException e) {
            continue; // index and train say why; here the next one will do
          }
          if (sheet.rows() == images) {
            break;
          }
        }
      }
      if (sheet.rows() > 0) {
        new BeamFileStore(folder).write(file, png -> png.write(sheet.toPng()));
        out.output(sheet.rows());
      }
    }
  }
}
