package io.simclrbeam.transforms.index;

import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TupleTag;

/**
 * Writes a manifest anew without some images, given by their ids and the SHA-256 of their bytes. An
 * image of the same id with other bytes stays. Yields the number of images that are left.
 */
public final class FilterManifest
    extends PTransform<PCollection<KV<String, String>>, PCollection<Long>> {
  private static final long serialVersionUID = 1;
  private static final TupleTag<GenericRecord> RECORDS = new TupleTag<>("records") {};
  private static final TupleTag<String> DROPPED = new TupleTag<>("dropped") {};

  private final String from;
  private final String to;

  private FilterManifest(String from, String to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Reads {@code manifest.avro} in one folder and writes it to another.
   *
   * @throws IllegalArgumentException if a folder is blank, or both are the same
   */
  public static FilterManifest of(String from, String to) {
    BeamFileStore.checkFolder(from);
    BeamFileStore.checkFolder(to);
    if (from.equals(to)) {
      throw new IllegalArgumentException(
          "the manifest of %s is to be written to the same folder, but must go to another"
              .formatted(from));
    }
    return new FilterManifest(from, to);
  }

  @Override
  public PCollection<Long> expand(PCollection<KV<String, String>> dropped) {
    PCollection<KV<String, GenericRecord>> records =
        dropped
            .getPipeline()
            .apply("Manifest", Create.of(from))
            .apply("Read", ParDo.of(new ReadFn()))
            .setCoder(KvCoder.of(StringUtf8Coder.of(), AvroCoder.of(ManifestRecord.SCHEMA)));
    return KeyedPCollectionTuple.of(RECORDS, records)
        .and(DROPPED, dropped)
        .apply("MeetDropped", CoGroupByKey.create())
        .apply("Filter", ParDo.of(new FilterFn()))
        .setCoder(AvroCoder.of(ManifestRecord.SCHEMA))
        .apply("Write", WriteManifest.to(to, inputs()));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("from", from).withLabel("Folder Of The Manifest"))
        .add(DisplayData.item("to", to).withLabel("Output Folder"));
  }

  private List<String> inputs() {
    try (DataFileStream<GenericRecord> records = Manifest.open(new BeamFileStore(from))) {
      return Manifest.inputs(records);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class ReadFn extends DoFn<String, KV<String, GenericRecord>> {
    @ProcessElement
    public void process(@Element String folder, OutputReceiver<KV<String, GenericRecord>> out)
        throws IOException {
      try (DataFileStream<GenericRecord> records = Manifest.open(new BeamFileStore(folder))) {
        for (GenericRecord record : records) {
          out.output(KV.of(record.get("id").toString(), record));
        }
      }
    }
  }

  private static final class FilterFn extends DoFn<KV<String, CoGbkResult>, GenericRecord> {
    @ProcessElement
    public void process(@Element KV<String, CoGbkResult> met, OutputReceiver<GenericRecord> out) {
      List<String> contents = new ArrayList<>();
      met.getValue().getAll(DROPPED).forEach(contents::add);
      for (GenericRecord record : met.getValue().getAll(RECORDS)) {
        if (!contents.contains(record.get(ManifestRecord.CONTENT_SHA256).toString())) {
          out.output(record);
        }
      }
    }
  }
}
