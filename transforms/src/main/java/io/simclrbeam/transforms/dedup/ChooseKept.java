package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Stars;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingCoder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * Decides which images to keep: those without near duplicates, and of each component those that
 * {@link Stars} chooses, the images with most pixels first and of equally large ones the least id.
 * Yields {@link #KEPT} and {@link #GROUPS}.
 */
final class ChooseKept extends PTransform<PCollection<Embedding>, PCollectionTuple> {
  private static final long serialVersionUID = 1;

  /** The ids of the images to keep. */
  static final TupleTag<String> KEPT = new TupleTag<>("kept") {};

  /** {@link GroupRecord} records of all images that are in a group of two or more. */
  static final TupleTag<GenericRecord> GROUPS = new TupleTag<>("groups") {};

  private static final TupleTag<Embedding> IMAGE = new TupleTag<>("image") {};
  private static final TupleTag<String> COMPONENT = new TupleTag<>("component") {};
  private static final TupleTag<KV<String, Embedding>> LINKED = new TupleTag<>("linked") {};

  /** Of float32 in one worker: 256 MiB. */
  private static final int MOST_NUMBERS = 1 << 26;

  private final double threshold;
  private final PCollection<KV<String, String>> components;
  private final int mostNumbers;

  private ChooseKept(
      double threshold, PCollection<KV<String, String>> components, int mostNumbers) {
    this.threshold = threshold;
    this.components = components;
    this.mostNumbers = mostNumbers;
  }

  /**
   * Chooses.
   *
   * @param components of all images that have near duplicates, by their ids
   */
  static ChooseKept of(double threshold, PCollection<KV<String, String>> components) {
    return new ChooseKept(threshold, components, MOST_NUMBERS);
  }

  /** Returns this with a limit on the numbers in the distinct vectors of a component. */
  ChooseKept withMost(int numbers) {
    return new ChooseKept(threshold, components, numbers);
  }

  @Override
  public PCollectionTuple expand(PCollection<Embedding> images) {
    PCollection<KV<String, Embedding>> byId =
        images
            .apply("Ids", WithKeys.of(Embedding::id).withKeyType(TypeDescriptors.strings()))
            .setCoder(KvCoder.of(StringUtf8Coder.of(), EmbeddingCoder.of()));
    PCollectionTuple split =
        KeyedPCollectionTuple.of(IMAGE, byId)
            .and(COMPONENT, components)
            .apply("MeetComponents", CoGroupByKey.create())
            .apply("Split", ParDo.of(new SplitFn()).withOutputTags(KEPT, TupleTagList.of(LINKED)));
    split.get(LINKED).setCoder(KvCoder.of(StringUtf8Coder.of(), EmbeddingCoder.of()));
    PCollectionTuple chosen =
        split
            .get(LINKED)
            .apply("GroupComponents", GroupByKey.create())
            .apply(
                "Choose",
                ParDo.of(new ChooseFn(threshold, mostNumbers))
                    .withOutputTags(KEPT, TupleTagList.of(GROUPS)));
    return PCollectionTuple.of(
            KEPT,
            PCollectionList.of(split.get(KEPT))
                .and(chosen.get(KEPT))
                .apply("AllKept", Flatten.pCollections()))
        .and(GROUPS, chosen.get(GROUPS).setCoder(AvroCoder.of(GroupRecord.SCHEMA)));
  }

  /** As much of an image as the choice needs; equal vectors may be one object. */
  record GroupImage(
      String id, String uri, String contentSha256, int width, int height, Point.VectorKey vector) {
    static GroupImage of(Embedding image, Point.VectorKey vector) {
      return new GroupImage(
          image.id(), image.uri(), image.contentSha256(), image.width(), image.height(), vector);
    }
  }

  private static final class SplitFn extends DoFn<KV<String, CoGbkResult>, String> {
    @ProcessElement
    public void process(@Element KV<String, CoGbkResult> met, MultiOutputReceiver out) {
      String none = "";
      String component = met.getValue().getOnly(COMPONENT, none);
      if (component.equals(none)) {
        out.get(KEPT).output(met.getKey());
      } else {
        out.get(LINKED).output(KV.of(component, met.getValue().getOnly(IMAGE)));
      }
    }
  }

  private static final class ChooseFn extends DoFn<KV<String, Iterable<Embedding>>, String> {
    private static final Comparator<GroupImage> LARGEST_FIRST =
        Comparator.comparingLong((GroupImage image) -> -(long) image.width() * image.height())
            .thenComparing(GroupImage::id);

    private final double threshold;
    private final int mostNumbers;

    ChooseFn(double threshold, int mostNumbers) {
      this.threshold = threshold;
      this.mostNumbers = mostNumbers;
    }

    @ProcessElement
    public void process(
        @Element KV<String, Iterable<Embedding>> component, MultiOutputReceiver out) {
      List<GroupImage> images = load(component.getValue());
      images.sort(LARGEST_FIRST);
      Map<Point.VectorKey, Integer> positions = new HashMap<>();
      List<GroupImage> firsts = new ArrayList<>();
      for (GroupImage image : images) {
        if (positions.putIfAbsent(image.vector(), firsts.size()) == null) {
          firsts.add(image);
        }
      }
      List<float[]> vectors = firsts.stream().map(image -> image.vector().vector()).toList();
      Stars.Choice choice = Stars.choose(vectors, threshold);
      Map<String, List<GenericRecord>> groups = new LinkedHashMap<>();
      for (GroupImage image : images) {
        int position = Objects.requireNonNull(positions.get(image.vector()));
        String group = firsts.get(choice.centers()[position]).id();
        groups
            .computeIfAbsent(group, name -> new ArrayList<>())
            .add(GroupRecord.of(group, image, choice.similarities()[position]));
      }
      groups.forEach(
          (name, records) -> {
            out.get(KEPT).output(name);
            if (records.size() > 1) {
              records.forEach(out.get(GROUPS)::output);
            }
          });
    }

    /** Reads a component, with one array for equal vectors. */
    private List<GroupImage> load(Iterable<Embedding> component) {
      Map<Point.VectorKey, Point.VectorKey> distinct = new HashMap<>();
      List<GroupImage> images = new ArrayList<>();
      for (Embedding image : component) {
        Point.VectorKey vector = new Point.VectorKey(image.vector());
        images.add(GroupImage.of(image, distinct.computeIfAbsent(vector, key -> key)));
        if ((long) distinct.size() * image.vector().length > mostNumbers) {
          throw new UnusableEmbeddingsException(
              ("more than %,d different images are linked to each other by similarities of at least"
                      + " %s; that is no group of near duplicates: raise the threshold, or embed"
                      + " with a model that tells these images apart")
                  .formatted(distinct.size() - 1, threshold));
        }
      }
      return images;
    }
  }
}
