package io.simclrbeam.transforms.index;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.ListCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.jspecify.annotations.Nullable;

/**
 * Sorts records by id and writes them, numbered, to {@code manifest.avro}. Parts are sorted in
 * parallel, then merged, so no worker ever holds more than a part. Yields the number of records. If
 * there are none, it yields nothing and writes no file.
 */
final class WriteManifest extends PTransform<PCollection<GenericRecord>, PCollection<Long>> {
  private static final long serialVersionUID = 1;

  /** Few enough to keep all open, enough for hundreds of millions of images. */
  private static final int PARTS = 256;

  private static final String FOLDER = "manifest-parts/";

  /** Reproducible files need a fixed sync marker instead of Avro's random one. */
  private static final byte[] SYNC_MARKER = new byte[16];

  private final ArrayList<String> inputs;
  private final String folder;

  private WriteManifest(List<String> inputs, String folder) {
    this.inputs = new ArrayList<>(inputs);
    this.folder = folder;
  }

  static WriteManifest to(String folder, List<String> inputs) {
    return new WriteManifest(inputs, folder);
  }

  @Override
  public PCollection<Long> expand(PCollection<GenericRecord> records) {
    return records
        .apply(
            "Part",
            WithKeys.of((GenericRecord record) -> part(record))
                .withKeyType(TypeDescriptors.integers()))
        .apply("GroupParts", GroupByKey.create())
        .apply("SortPart", ParDo.of(new SortPartFn(folder)))
        .apply("Gather", WithKeys.of(0))
        .apply("GroupNames", GroupByKey.create())
        .apply("Merge", ParDo.of(new MergeFn(folder, inputs)))
        .setCoder(KvCoder.of(VarLongCoder.of(), ListCoder.of(StringUtf8Coder.of())))
        // A merge that is tried again needs the parts, so they stay until one has succeeded.
        .apply("Settle", Reshuffle.viaRandomKey())
        .apply("DeleteParts", ParDo.of(new DeletePartsFn(folder)))
        .setCoder(VarLongCoder.of());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder.add(DisplayData.item("folder", folder).withLabel("Output Folder"));
  }

  private static int part(GenericRecord record) {
    return Math.floorMod((record.get("id").toString().hashCode() * 0x9E3779B9) >>> 16, PARTS);
  }

  private static final class SortPartFn extends DoFn<KV<Integer, Iterable<GenericRecord>>, String> {
    private final String folder;

    SortPartFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<GenericRecord>> part, OutputReceiver<String> out)
        throws IOException {
      List<GenericRecord> records = new ArrayList<>();
      part.getValue().forEach(records::add);
      records.sort(ManifestRecord.ORDER);
      String name = FOLDER + String.format(Locale.ROOT, "%03d.avro", part.getKey());
      new BeamFileStore(folder)
          .write(
              name,
              file -> {
                try (DataFileWriter<GenericRecord> writer =
                    new DataFileWriter<>(new GenericDatumWriter<>(ManifestRecord.SCHEMA))) {
                  writer.create(ManifestRecord.SCHEMA, file);
                  for (GenericRecord record : records) {
                    writer.append(record);
                  }
                }
              });
      out.output(name);
    }
  }

  private static final class MergeFn
      extends DoFn<KV<Integer, Iterable<String>>, KV<Long, List<String>>> {
    private final String folder;
    private final ArrayList<String> inputs;

    MergeFn(String folder, List<String> inputs) {
      this.folder = folder;
      this.inputs = new ArrayList<>(inputs);
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<String>> parts, OutputReceiver<KV<Long, List<String>>> out)
        throws IOException {
      FileStore store = new BeamFileStore(folder);
      List<String> names = new ArrayList<>();
      parts.getValue().forEach(names::add);
      long[] count = new long[1];
      store.write(
          Manifest.FILE,
          file -> {
            try (SortedParts sorted = SortedParts.open(store, names);
                DataFileWriter<GenericRecord> writer =
                    new DataFileWriter<>(new GenericDatumWriter<>(ManifestRecord.SCHEMA))) {
              writer
                  .setCodec(CodecFactory.deflateCodec(6))
                  .setMeta(FileKind.METADATA, FileKind.IMAGE_MANIFEST.version())
                  .setMeta(ManifestRecord.INPUTS, ManifestRecord.text(inputs))
                  .create(ManifestRecord.SCHEMA, file, SYNC_MARKER);
              for (GenericRecord next = sorted.next(); next != null; next = sorted.next()) {
                next.put("index", count[0]++);
                writer.append(next);
              }
            }
          });
      out.output(KV.of(count[0], names));
    }
  }

  private static final class DeletePartsFn extends DoFn<KV<Long, List<String>>, Long> {
    private final String folder;

    DeletePartsFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(@Element KV<Long, List<String>> merged, OutputReceiver<Long> out)
        throws IOException {
      new BeamFileStore(folder).delete(merged.getValue());
      out.output(merged.getKey());
    }
  }

  /** The records of sorted files, in order. */
  private static final class SortedParts implements Closeable {
    private record Part(GenericRecord head, DataFileStream<GenericRecord> rest) {}

    private final List<DataFileStream<GenericRecord>> open = new ArrayList<>();
    private final PriorityQueue<Part> parts =
        new PriorityQueue<>(Comparator.comparing(Part::head, ManifestRecord.ORDER));

    static SortedParts open(FileStore store, List<String> names) throws IOException {
      SortedParts sorted = new SortedParts();
      try {
        for (String name : names) {
          InputStream in = new BufferedInputStream(store.open(name));
          DataFileStream<GenericRecord> records =
              new DataFileStream<>(in, new GenericDatumReader<>());
          sorted.open.add(records);
          sorted.add(records);
        }
        return sorted;
      } catch (IOException | RuntimeException e) {
        sorted.close();
        throw e;
      }
    }

    private void add(DataFileStream<GenericRecord> records) {
      if (records.hasNext()) {
        parts.add(new Part(records.next(), records));
      }
    }

    /** Returns the next record, or null after the last. */
    @Nullable GenericRecord next() {
      Part part = parts.poll();
      if (part == null) {
        return null;
      }
      add(part.rest());
      return part.head();
    }

    @Override
    public void close() throws IOException {
      for (DataFileStream<GenericRecord> records : open) {
        records.close();
      }
    }
  }
}
