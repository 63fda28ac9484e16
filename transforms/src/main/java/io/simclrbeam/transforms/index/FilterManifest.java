package io.simclrbeam.transforms.index;

import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTag;

/**
 * Writes a manifest anew without some images. Takes {@link #KNOWN} images, of which those to leave
 * out are {@link #DROPPED} too. Images have an id and the SHA-256 of their bytes. An image of the
 * same id with other bytes is another one and stays. Yields numbers of images: {@link #LEFT},
 * {@link #READ} and {@link #MATCHED}. If the manifest has images and none is known, the job fails
 * with a {@link ForeignManifestException} and writes nothing.
 */
public final class FilterManifest extends PTransform<PCollectionTuple, PCollectionTuple> {
  private static final long serialVersionUID = 1;

  /** All images that something is known of: ids and the SHA-256 of their bytes. */
  public static final TupleTag<KV<String, String>> KNOWN = new TupleTag<>("known") {};

  /** Those of them that are to be left out. */
  public static final TupleTag<KV<String, String>> DROPPED = new TupleTag<>("dropped") {};

  /** The number of images that are left. */
  public static final TupleTag<Long> LEFT = new TupleTag<>("left") {};

  /** The number of images of the manifest. */
  public static final TupleTag<Long> READ = new TupleTag<>("read") {};

  /** The number of them that are known. */
  public static final TupleTag<Long> MATCHED = new TupleTag<>("matched") {};

  private static final TupleTag<GenericRecord> RECORDS = new TupleTag<>("records") {};
  private static final TupleTag<String> KNOWN_CONTENTS = new TupleTag<>("knownContents") {};
  private static final TupleTag<String> DROPPED_CONTENTS = new TupleTag<>("droppedContents") {};

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
  public PCollectionTuple expand(PCollectionTuple images) {
    PCollection<KV<String, GenericRecord>> records =
        images
            .getPipeline()
            .apply("Manifest", Create.of(from))
            .apply("Read", ParDo.of(new ReadFn()))
            .setCoder(KvCoder.of(StringUtf8Coder.of(), AvroCoder.of(ManifestRecord.SCHEMA)));
    PCollection<KV<String, CoGbkResult>> met =
        KeyedPCollectionTuple.of(RECORDS, records)
            .and(KNOWN_CONTENTS, images.get(KNOWN))
            .and(DROPPED_CONTENTS, images.get(DROPPED))
            .apply("Meet", CoGroupByKey.create());
    PCollection<Long> matched =
        met.apply("Match", ParDo.of(new MatchFn()))
            .setCoder(StringUtf8Coder.of())
            .apply("CountMatched", Count.globally());
    PCollectionView<Long> matches = matched.apply("Matched", View.asSingleton());
    PCollection<Long> left =
        met.apply("Filter", ParDo.of(new FilterFn(from, matches)).withSideInputs(matches))
            .setCoder(AvroCoder.of(ManifestRecord.SCHEMA))
            .apply("Write", WriteManifest.to(to, inputs()));
    return PCollectionTuple.of(LEFT, left)
        .and(READ, records.apply("CountRead", Count.globally()))
        .and(MATCHED, matched);
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

  /** Yields the images of the manifest whose contents are among those of a tag, or are not. */
  private static List<GenericRecord> records(CoGbkResult met, TupleTag<String> tag, boolean among) {
    Set<String> contents = new HashSet<>();
    met.getAll(tag).forEach(contents::add);
    List<GenericRecord> records = new ArrayList<>();
    for (GenericRecord record : met.getAll(RECORDS)) {
      if (contents.contains(record.get(ManifestRecord.CONTENT_SHA256).toString()) == among) {
        records.add(record);
      }
    }
    return records;
  }

  private static final class MatchFn extends DoFn<KV<String, CoGbkResult>, String> {
    @ProcessElement
    public void process(@Element KV<String, CoGbkResult> met, OutputReceiver<String> out) {
      records(met.getValue(), KNOWN_CONTENTS, true).forEach(record -> out.output(met.getKey()));
    }
  }

  private static final class FilterFn extends DoFn<KV<String, CoGbkResult>, GenericRecord> {
    private final String from;
    private final PCollectionView<Long> matches;

    FilterFn(String from, PCollectionView<Long> matches) {
      this.from = from;
      this.matches = matches;
    }

    @ProcessElement
    public void process(
        @Element KV<String, CoGbkResult> met,
        ProcessContext context,
        OutputReceiver<GenericRecord> out) {
      List<GenericRecord> left = records(met.getValue(), DROPPED_CONTENTS, false);
      if (!left.isEmpty() && context.sideInput(matches) == 0) {
        throw new ForeignManifestException(
            "none of the images in the manifest of %s has an embedding, such as %s"
                .formatted(from, met.getKey()));
      }
      left.forEach(out::output);
    }
  }
}
