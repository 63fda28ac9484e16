package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.coders.SerialCoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;

/**
 * Writes what {@link ChooseKept} yields to sorted files, one for about every 250,000 images. An
 * element's file depends on its id and on the number of images alone, so the files are the same on
 * any runner. Yields the files.
 */
final class WriteResults extends PTransform<PCollectionTuple, PCollection<DedupFile>> {
  private static final long serialVersionUID = 1;
  private static final Coder<DedupFile> FILE = SerialCoder.of(DedupFile.class);

  private final String folder;
  private final PCollectionView<Long> images;

  private WriteResults(String folder, PCollectionView<Long> images) {
    this.folder = folder;
    this.images = images;
  }

  static WriteResults to(String folder, PCollectionView<Long> images) {
    return new WriteResults(folder, images);
  }

  @Override
  public PCollection<DedupFile> expand(PCollectionTuple chosen) {
    PCollection<DedupFile> groups =
        chosen
            .get(ChooseKept.GROUPS)
            .apply(
                "ShardGroups",
                ParDo.of(new ShardFn<GenericRecord>(GroupRecord::group, images))
                    .withSideInputs(images))
            .setCoder(KvCoder.of(VarIntCoder.of(), AvroCoder.of(GroupRecord.SCHEMA)))
            .apply("GroupGroups", GroupByKey.create())
            .apply("WriteGroups", ParDo.of(new WriteGroupsFn(folder)))
            .setCoder(FILE);
    PCollection<DedupFile> keep =
        chosen
            .get(ChooseKept.KEPT)
            .apply(
                "ShardKept", ParDo.of(new ShardFn<String>(id -> id, images)).withSideInputs(images))
            .setCoder(KvCoder.of(VarIntCoder.of(), StringUtf8Coder.of()))
            .apply("GroupKept", GroupByKey.create())
            .apply("WriteKept", ParDo.of(new WriteKeptFn(folder)))
            .setCoder(FILE);
    return PCollectionList.of(groups).and(keep).apply("Files", Flatten.pCollections());
  }

  private static final class ShardFn<T> extends DoFn<T, KV<Integer, T>> {
    private static final long IMAGES_PER_SHARD = 250_000;

    private final SerializableFunction<T, String> name;
    private final PCollectionView<Long> images;

    ShardFn(SerializableFunction<T, String> name, PCollectionView<Long> images) {
      this.name = name;
      this.images = images;
    }

    @ProcessElement
    public void process(
        @Element T element, ProcessContext context, OutputReceiver<KV<Integer, T>> out) {
      int shards = (int) ((context.sideInput(images) - 1) / IMAGES_PER_SHARD + 1);
      long hash = SeededRandom.mix(name.apply(element).hashCode());
      out.output(KV.of(Math.floorMod(hash, shards), element));
    }
  }

  private static final class WriteGroupsFn
      extends DoFn<KV<Integer, Iterable<GenericRecord>>, DedupFile> {
    private final String folder;

    WriteGroupsFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<GenericRecord>> shard, OutputReceiver<DedupFile> out)
        throws IOException {
      List<GenericRecord> records = new ArrayList<>();
      shard.getValue().forEach(records::add);
      records.sort(GroupRecord.ORDER);
      out.output(DedupFile.writeGroups(folder, shard.getKey(), records));
    }
  }

  private static final class WriteKeptFn extends DoFn<KV<Integer, Iterable<String>>, DedupFile> {
    private final String folder;

    WriteKeptFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(@Element KV<Integer, Iterable<String>> shard, OutputReceiver<DedupFile> out)
        throws IOException {
      List<String> ids = new ArrayList<>();
      shard.getValue().forEach(ids::add);
      ids.sort(null);
      out.output(DedupFile.writeKeepList(folder, shard.getKey(), ids));
    }
  }
}
