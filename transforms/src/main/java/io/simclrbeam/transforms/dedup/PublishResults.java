package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionView;

/** Writes {@code _DEDUP.json}, then {@code _SUCCESS}, once all files are written. */
final class PublishResults extends PTransform<PCollection<DedupFile>, PCollection<Boolean>> {
  private static final long serialVersionUID = 1;

  private final String folder;
  private final String modelId;
  private final DedupSpec spec;
  private final PCollectionView<Map<String, Long>> counts;

  private PublishResults(
      String folder, String modelId, DedupSpec spec, PCollectionView<Map<String, Long>> counts) {
    this.folder = folder;
    this.modelId = modelId;
    this.spec = spec;
    this.counts = counts;
  }

  static PublishResults to(
      String folder, String modelId, DedupSpec spec, PCollectionView<Map<String, Long>> counts) {
    return new PublishResults(folder, modelId, spec, counts);
  }

  @Override
  public PCollection<Boolean> expand(PCollection<DedupFile> files) {
    return files
        .apply("Gather", WithKeys.of(0))
        .apply("GroupFiles", GroupByKey.create())
        .apply("Publish", ParDo.of(new PublishFn(this)).withSideInputs(counts))
        .setCoder(BooleanCoder.of());
  }

  private static final class PublishFn extends DoFn<KV<Integer, Iterable<DedupFile>>, Boolean> {
    private final PublishResults to;

    PublishFn(PublishResults to) {
      this.to = to;
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<DedupFile>> all,
        ProcessContext context,
        OutputReceiver<Boolean> out)
        throws IOException {
      List<DedupFile> files = new ArrayList<>();
      all.getValue().forEach(files::add);
      if (files.stream().noneMatch(file -> file.name().startsWith(DedupFile.GROUPS))) {
        // Readers of groups-*.avro find a file without groups rather than no file.
        files.add(DedupFile.writeGroups(to.folder, 0, List.of()));
      }
      files.sort(Comparator.comparing(DedupFile::name));
      long groups = 0;
      long duplicates = 0;
      long kept = 0;
      for (DedupFile file : files) {
        if (file.name().startsWith(DedupFile.GROUPS)) {
          groups += file.kept();
          duplicates += file.records() - file.kept();
        } else if (file.name().startsWith(DedupFile.KEEP)) {
          kept += file.kept();
        }
      }
      Map<String, Long> counts = context.sideInput(to.counts);
      FileStore store = new BeamFileStore(to.folder);
      new DedupManifest(
              to.modelId,
              to.spec.threshold(),
              to.spec.seed(),
              count(counts, DedupCounts.CELLS),
              to.spec.maxCopies(),
              new DedupManifest.Counts(
                  count(counts, DedupCounts.IMAGES),
                  groups,
                  duplicates,
                  kept,
                  count(counts, DedupCounts.WITHOUT_DIRECTION),
                  count(counts, DedupCounts.COPIES),
                  count(counts, DedupCounts.COPIES_LEFT_OUT),
                  count(counts, DedupCounts.IMAGES_LEFT_OUT),
                  counts.get(DedupCounts.MANIFEST),
                  counts.get(DedupCounts.MANIFEST_MATCHED)),
              files.stream()
                  .map(
                      file ->
                          new RunManifest.File(
                              file.name(), file.records(), file.sha256(), file.bytes()))
                  .toList())
          .write(store);
      store.write(RunManifest.SUCCESS, done -> {});
      out.output(true);
    }

    private static long count(Map<String, Long> counts, String name) {
      return counts.getOrDefault(name, 0L);
    }
  }
}
