package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Cells;
import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.index.FilterManifest;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.FileListing;
import java.io.IOException;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Sum;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Groups near-duplicate images, and writes the groups to {@code groups-*.avro}, the ids of the
 * images to keep to {@code keep-*.txt}, then {@code _DEDUP.json} and {@code _SUCCESS}. Yields true
 * once all is written, and nothing if there is no image.
 *
 * <p>As in SemDeDup (arXiv 2303.09540), k-means divides the images into cells, and only images of a
 * cell are compared. Unlike there, images near a border are compared with those on its other side
 * too ({@link Cells}), and an image is dropped only if a similar one is kept. The bytes that are
 * written depend on the embeddings and the spec alone.
 */
public final class FindDuplicates extends PTransform<PCollection<Embedding>, PCollection<Boolean>> {
  private static final long serialVersionUID = 1;
  private static final TupleTag<Point> POINTS = new TupleTag<>("points") {};
  private static final TupleTag<KV<String, Long>> COUNTS = new TupleTag<>("counts") {};

  private final DedupSpec spec;
  private final String folder;
  private final String modelId;
  private final @Nullable String manifest;

  private FindDuplicates(DedupSpec spec, String folder, String modelId, @Nullable String manifest) {
    this.spec = spec;
    this.folder = folder;
    this.modelId = modelId;
    this.manifest = manifest;
  }

  /**
   * Finds near duplicates.
   *
   * @param folder for the results; should have none of an earlier run
   * @param modelId of the embeddings
   */
  public static FindDuplicates of(DedupSpec spec, String folder, String modelId) {
    return new FindDuplicates(spec, folder, modelId, null);
  }

  /**
   * Returns this with the folder of a manifest. The manifest is written to {@code keep-manifest/}
   * in the folder of the results, without the duplicates.
   */
  public FindDuplicates withManifest(String manifestFolder) {
    return new FindDuplicates(spec, folder, modelId, manifestFolder);
  }

  @Override
  public PCollection<Boolean> expand(PCollection<Embedding> embeddings) {
    PCollectionTuple read =
        embeddings.apply(
            "ToPoints", ParDo.of(new ToPointFn()).withOutputTags(POINTS, TupleTagList.of(COUNTS)));
    PCollection<Point> points = read.get(POINTS).setCoder(Point.PointCoder.INSTANCE);
    PCollectionView<Long> directed =
        points.apply("CountPoints", Count.globally()).apply("Points", View.asSingleton());
    PCollection<Cells> cells = points.apply("LearnCells", LearnCells.of(spec, directed));
    PCollectionTuple assigned =
        points.apply("AssignCells", AssignCells.of(spec, cells.apply("Cells", View.asSingleton())));
    PCollection<KV<String, String>> components =
        assigned
            .get(AssignCells.POINTS)
            .apply("ComparePoints", ComparePoints.above(spec.threshold()))
            .apply("JoinPairs", JoinPairs.create());
    PCollectionTuple chosen =
        embeddings.apply("ChooseKept", ChooseKept.of(spec.threshold(), components));

    PCollectionList<KV<String, Long>> numbers = PCollectionList.empty(embeddings.getPipeline());
    PCollection<Long> images = embeddings.apply("CountImages", Count.globally());
    PCollection<DedupFile> files =
        chosen.apply(
            "WriteResults", WriteResults.to(folder, images.apply("Images", View.asSingleton())));
    if (manifest != null) {
      PCollectionTuple filtered =
          PCollectionTuple.of(
                  FilterManifest.KNOWN, embeddings.apply("Known", ParDo.of(new KnownFn())))
              .and(
                  FilterManifest.DROPPED,
                  chosen.get(ChooseKept.GROUPS).apply("Dropped", ParDo.of(new DroppedFn())))
              .apply("FilterManifest", FilterManifest.of(manifest, keptManifest()));
      numbers =
          numbers
              .and(named(DedupCounts.MANIFEST, filtered.get(FilterManifest.READ)))
              .and(named(DedupCounts.MANIFEST_MATCHED, filtered.get(FilterManifest.MATCHED)));
      files =
          PCollectionList.of(files)
              .and(
                  filtered
                      .get(FilterManifest.LEFT)
                      .apply("DescribeManifest", ParDo.of(new DescribeManifestFn(keptManifest())))
                      .setCoder(SerialCoder.of(DedupFile.class)))
              .apply("AllFiles", Flatten.pCollections());
    }
    PCollectionView<Map<String, Long>> counts =
        numbers
            .and(read.get(COUNTS).setCoder(DedupCounts.CODER))
            .and(assigned.get(AssignCells.COUNTS))
            .and(named(DedupCounts.IMAGES, images))
            .and(cells.apply("NameCells", ParDo.of(new CountCellsFn())).setCoder(DedupCounts.CODER))
            .apply("AllCounts", Flatten.pCollections())
            .apply("Sum", Sum.longsPerKey())
            .apply("Counts", View.asMap());
    return files.apply("Publish", PublishResults.to(folder, modelId, spec, counts));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("folder", folder))
        .add(DisplayData.item("model", modelId))
        .add(DisplayData.item("threshold", spec.threshold()))
        .add(DisplayData.item("cells", spec.cells()))
        .add(DisplayData.item("maxCopies", spec.maxCopies()))
        .add(DisplayData.item("seed", spec.seed()))
        .addIfNotNull(DisplayData.item("manifest", manifest));
  }

  private static PCollection<KV<String, Long>> named(String name, PCollection<Long> number) {
    return number.apply("Name_" + name, WithKeys.of(name)).setCoder(DedupCounts.CODER);
  }

  private String keptManifest() {
    return new BeamFileStore(folder).location() + DedupManifest.KEPT_MANIFEST;
  }

  private static final class ToPointFn extends DoFn<Embedding, Point> {
    @ProcessElement
    public void process(@Element Embedding embedding, MultiOutputReceiver out) {
      for (float number : embedding.vector()) {
        if (!Float.isFinite(number)) {
          throw new UnusableEmbeddingsException(
              "the embedding of %s holds %s; every number must be finite"
                  .formatted(embedding.id(), number));
        }
      }
      if (Cosine.hasDirection(embedding.vector())) {
        out.get(POINTS).output(new Point(embedding.id(), false, false, embedding.vector()));
      } else {
        out.get(COUNTS).output(KV.of(DedupCounts.WITHOUT_DIRECTION, 1L));
      }
    }
  }

  private static final class CountCellsFn extends DoFn<Cells, KV<String, Long>> {
    @ProcessElement
    public void process(@Element Cells cells, OutputReceiver<KV<String, Long>> out) {
      out.output(KV.of(DedupCounts.CELLS, (long) cells.size()));
    }
  }

  /** Yields ids and contents. */
  private static final class KnownFn extends DoFn<Embedding, KV<String, String>> {
    @ProcessElement
    public void process(@Element Embedding embedding, OutputReceiver<KV<String, String>> out) {
      out.output(KV.of(embedding.id(), embedding.contentSha256()));
    }
  }

  /** Yields ids and contents. */
  private static final class DroppedFn extends DoFn<GenericRecord, KV<String, String>> {
    @ProcessElement
    public void process(@Element GenericRecord record, OutputReceiver<KV<String, String>> out) {
      if (!GroupRecord.isKept(record)) {
        out.output(KV.of(GroupRecord.id(record), record.get("content_sha256").toString()));
      }
    }
  }

  private static final class DescribeManifestFn extends DoFn<Long, DedupFile> {
    private final String folder;

    DescribeManifestFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(@Element Long records, OutputReceiver<DedupFile> out) throws IOException {
      BeamFileStore store = new BeamFileStore(folder);
      String sha256 = Manifest.sha256(store);
      long bytes = FileListing.of(store.location() + Manifest.FILE).get(0).sizeBytes();
      out.output(
          new DedupFile(DedupManifest.KEPT_MANIFEST + Manifest.FILE, records, 0, sha256, bytes));
    }
  }
}
