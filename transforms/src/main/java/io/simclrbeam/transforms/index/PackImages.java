package io.simclrbeam.transforms.index;

import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.FileListing;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Sum;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Copies indexed images into tar files of about 256 MB, {@code pack-00003-of-00120.tar}, from which
 * any image is read with one short read. Yields {@link #ENTRIES}, the records with their new
 * places, and {@link #REJECTS} of images that changed meanwhile. Which image goes where is a
 * function of the images alone. Ids, labels and bytes stay.
 */
final class PackImages extends PTransform<PCollection<GenericRecord>, PCollectionTuple> {
  static final TupleTag<GenericRecord> ENTRIES = new TupleTag<>("entries") {};
  static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  private static final long serialVersionUID = 1;

  /** Large enough for few requests, small enough to copy and to spread. */
  static final long SHARD_BYTES = 256L << 20;

  /** A worker holds the records of a shard in memory, about 500 bytes each. */
  private static final long SHARD_IMAGES = 50_000;

  /** Images that lie this close together are read together. */
  private static final int NEIGHBORS_BITS = 22;

  private final String folder;
  private final long shardBytes;

  private PackImages(String folder, long shardBytes) {
    this.folder = folder;
    this.shardBytes = shardBytes;
  }

  static PackImages into(String folder, long shardBytes) {
    return new PackImages(folder, shardBytes);
  }

  @Override
  public PCollectionTuple expand(PCollection<GenericRecord> records) {
    long size = shardBytes; // without this transform in the function
    PCollectionView<Integer> shards =
        records
            .apply(
                "Weigh",
                MapElements.into(TypeDescriptors.longs())
                    .via(record -> Math.max((Long) record.get("length"), size / SHARD_IMAGES)))
            .apply("Sum", Sum.longsGlobally())
            .apply(
                "CountShards",
                MapElements.into(TypeDescriptors.integers())
                    .via(bytes -> (int) Math.max(1, (bytes + size - 1) / size)))
            .apply("Shards", View.asSingleton());
    return records
        .apply("Assign", ParDo.of(new AssignFn(shards)).withSideInputs(shards))
        .setCoder(KvCoder.of(VarIntCoder.of(), AvroCoder.of(ManifestRecord.SCHEMA)))
        .apply("GroupShards", GroupByKey.create())
        .apply(
            "Pack",
            ParDo.of(new PackFn(folder, shards))
                .withSideInputs(shards)
                .withOutputTags(ENTRIES, TupleTagList.of(REJECTS)));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("folder", folder).withLabel("Folder Of The Shards"))
        .add(DisplayData.item("shardBytes", shardBytes).withLabel("Bytes Of A Shard"));
  }

  /** Keeps neighbors together, as it costs little to read them together. */
  private static final class AssignFn extends DoFn<GenericRecord, KV<Integer, GenericRecord>> {
    private final PCollectionView<Integer> shards;

    AssignFn(PCollectionView<Integer> shards) {
      this.shards = shards;
    }

    @ProcessElement
    public void process(ProcessContext context, OutputReceiver<KV<Integer, GenericRecord>> out) {
      GenericRecord record = context.element();
      long offset = (Long) record.get("offset");
      long place = record.get("record") == null ? offset >> NEIGHBORS_BITS : offset;
      int hash = (record.get("uri").toString() + place).hashCode() * 0x9E3779B9;
      out.output(KV.of(Math.floorMod(hash >>> 8, context.sideInput(shards)), record));
    }
  }

  private static final class PackFn
      extends DoFn<KV<Integer, Iterable<GenericRecord>>, GenericRecord> {
    private static final Comparator<GenericRecord> PLACES =
        Comparator.comparing((GenericRecord record) -> record.get("uri").toString())
            .thenComparing(record -> (Long) record.get("offset"))
            .thenComparing(
                record -> (Integer) record.get("record"),
                Comparator.nullsFirst(Comparator.naturalOrder()));

    private final Counter packed = Metrics.counter(PackImages.class, "images_packed");
    private final Counter rejected = Metrics.counter(PackImages.class, "images_rejected");
    private final String folder;
    private final PCollectionView<Integer> shards;
    private transient @Nullable ImageProgress progress;

    PackFn(String folder, PCollectionView<Integer> shards) {
      this.folder = folder;
      this.shards = shards;
    }

    @Setup
    public void setUp() {
      progress = ImageProgress.enter(folder, "packed");
    }

    @Teardown
    public void tearDown() {
      Objects.requireNonNull(progress).leave();
    }

    @ProcessElement
    public void process(ProcessContext context, MultiOutputReceiver out) throws IOException {
      List<GenericRecord> records = new ArrayList<>();
      context.element().getValue().forEach(records::add);
      records.sort(PLACES);
      String name =
          String.format(
              Locale.ROOT,
              "%s%05d-of-%05d.tar",
              IndexImages.PACK,
              context.element().getKey(),
              context.sideInput(shards));
      BeamFileStore store = new BeamFileStore(folder);
      List<GenericRecord> entries = new ArrayList<>();
      List<GenericRecord> rejects = new ArrayList<>();
      store.write(name, file -> pack(records, file, entries, rejects));
      String uri = FileListing.of(store.location() + name).get(0).resourceId().toString();
      for (GenericRecord entry : entries) {
        entry.put("uri", uri);
        out.get(ENTRIES).output(entry);
      }
      rejects.forEach(out.get(REJECTS)::output);
      packed.inc(entries.size());
      rejected.inc(rejects.size());
    }

    private void pack(
        List<GenericRecord> records,
        OutputStream file,
        List<GenericRecord> entries,
        List<GenericRecord> rejects)
        throws IOException {
      Map<String, String> strings = new HashMap<>();
      List<ImageRef> images =
          records.stream().map(record -> ManifestRecord.image(record, strings)).toList();
      entries.clear(); // a write may be tried again
      rejects.clear();
      TarArchiveOutputStream tar = new TarArchiveOutputStream(file, "UTF-8");
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      try (ImageReader reader = ImageReader.of(images)) {
        for (int i = 0; i < images.size(); i++) {
          try {
            byte[] bytes = reader.next();
            TarArchiveEntry entry = new TarArchiveEntry(images.get(i).id());
            entry.setSize(bytes.length);
            entry.setModTime(0); // the same bytes each time
            tar.putArchiveEntry(entry);
            entries.add(
                new GenericRecordBuilder((GenericData.Record) records.get(i))
                    .set("offset", tar.getBytesWritten())
                    .set("length", (long) bytes.length)
                    .set("field", null)
                    .set("record", null)
                    .build());
            tar.write(bytes);
            tar.closeArchiveEntry();
          } catch (RejectedImageException e) {
            rejects.add(Reject.of(images.get(i).uri(), images.get(i).id(), IndexImages.JOB, e));
          }
          Objects.requireNonNull(progress).add(1);
        }
      }
      tar.finish();
    }
  }
}
