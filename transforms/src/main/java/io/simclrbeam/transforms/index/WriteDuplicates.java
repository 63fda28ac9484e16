package io.simclrbeam.transforms.index;

import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * Writes groups of images with the same bytes to {@code duplicates.avro}; no file if there are
 * none. Yields the number of groups.
 */
final class WriteDuplicates extends PTransform<PCollection<GenericRecord>, PCollection<Long>> {
  private static final long serialVersionUID = 1;

  static final String FILE = "duplicates.avro";

  /** {@code ids} has at most {@value #MAX_IDS}; {@code images} counts them all. */
  private static final Schema SCHEMA =
      SchemaBuilder.record("Duplicates")
          .namespace("io.simclrbeam")
          .fields()
          .requiredString(ManifestRecord.CONTENT_SHA256)
          .requiredLong("images")
          .name("ids")
          .type()
          .array()
          .items()
          .stringType()
          .noDefault()
          .endRecord();

  private static final int MAX_IDS = 1000;

  private final String folder;

  private WriteDuplicates(String folder) {
    this.folder = folder;
  }

  static WriteDuplicates to(String folder) {
    return new WriteDuplicates(folder);
  }

  @Override
  public PCollection<Long> expand(PCollection<GenericRecord> records) {
    return records
        .apply(
            "Contents",
            MapElements.into(
                    TypeDescriptors.kvs(TypeDescriptors.strings(), TypeDescriptors.strings()))
                .via(
                    record ->
                        KV.of(
                            record.get(ManifestRecord.CONTENT_SHA256).toString(),
                            record.get("id").toString())))
        .apply("GroupContents", GroupByKey.create())
        .apply("Duplicates", ParDo.of(new DuplicatesFn()))
        .setCoder(AvroCoder.of(SCHEMA))
        .apply("Gather", WithKeys.of(0))
        .apply("GroupDuplicates", GroupByKey.create())
        .apply("Write", ParDo.of(new WriteFn(folder)))
        .setCoder(VarLongCoder.of());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder.add(DisplayData.item("folder", folder).withLabel("Output Folder"));
  }

  private static final class DuplicatesFn
      extends DoFn<KV<String, Iterable<String>>, GenericRecord> {
    @ProcessElement
    public void process(
        @Element KV<String, Iterable<String>> content, OutputReceiver<GenericRecord> out) {
      List<String> ids = new ArrayList<>();
      long images = 0;
      for (String id : content.getValue()) {
        if (images++ < MAX_IDS) {
          ids.add(id);
        }
      }
      if (images > 1) {
        ids.sort(null);
        out.output(
            new GenericRecordBuilder(SCHEMA)
                .set(ManifestRecord.CONTENT_SHA256, content.getKey())
                .set("images", images)
                .set("ids", ids)
                .build());
      }
    }
  }

  private static final class WriteFn extends DoFn<KV<Integer, Iterable<GenericRecord>>, Long> {
    private final String folder;

    WriteFn(String folder) {
      this.folder = folder;
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<GenericRecord>> groups, OutputReceiver<Long> out)
        throws IOException {
      long[] count = new long[1];
      new BeamFileStore(folder)
          .write(
              FILE,
              file -> {
                try (DataFileWriter<GenericRecord> writer =
                    new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
                  writer.setCodec(CodecFactory.deflateCodec(6)).create(SCHEMA, file);
                  for (GenericRecord group : groups.getValue()) {
                    writer.append(group);
                    count[0]++;
                  }
                }
              });
      out.output(count[0]);
    }
  }
}
