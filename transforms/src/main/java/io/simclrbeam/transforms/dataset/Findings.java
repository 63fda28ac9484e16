package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.images.Finding;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ImageRefCoder;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.rejects.WriteRejects;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.jspecify.annotations.Nullable;

/**
 * {@code _findings-*.avro} of a run: the images in the files that the run has read, with what the
 * store said of each file. Together with the run's rejects they say all that is in these files. So
 * a later run that lists them as they were need not read them.
 */
public final class Findings {
  /** Among the settings of a run: how it read files. Another way may find other images in them. */
  public static final String READING = "reading";

  /** Among the versions of a run: that of the decoder. A newer one may read what is rejected. */
  public static final String DECODER = "decoder";

  private static final String NAME = "_findings";

  private static final Schema SCHEMA =
      SchemaBuilder.record("Finding")
          .namespace("io.simclrbeam")
          .fields()
          .requiredString("uri")
          .requiredString("mark")
          .requiredString("id")
          .requiredLong("offset")
          .requiredLong("length")
          .optionalString("field")
          .optionalInt("record")
          .optionalString("label")
          .requiredString("content_sha256")
          .endRecord();

  private Findings() {}

  /** Returns whether a name is that of a file with findings. */
  static boolean isName(String name) {
    return name.startsWith(NAME + "-");
  }

  /** Counts the findings in a file. */
  static long count(String path) throws IOException {
    long[] count = new long[1];
    PartFile.readBeside(path, FileKind.RUN_FINDINGS, SCHEMA, record -> count[0]++);
    return count[0];
  }

  /**
   * Writes the findings of a run. Takes images with marks and SHA-256 and yields names of files.
   *
   * @param run whose settings say how it reads, as {@link #READING}
   */
  static PTransform<PCollection<ImageRef>, PCollection<String>> write(RunSpec run) {
    return new Write(run);
  }

  /**
   * Reads what the finished runs of a run's data set and model found that read files in the same
   * way. There may be none. Yields findings by the addresses of their files.
   *
   * @param retryRejects whether files with rejects are to be read again
   */
  public static PTransform<PBegin, PCollection<KV<String, Finding>>> read(
      RunSpec run, boolean retryRejects) {
    return new Read(run.dataset(), null, run, retryRejects);
  }

  /**
   * Reads what some runs found, of those that read files as a run's settings say.
   *
   * @param base whose settings and versions say how
   */
  static PTransform<PBegin, PCollection<KV<String, Finding>>> of(
      List<DatasetRun> runs, RunSpec base) {
    return new Read(base.dataset(), List.copyOf(runs), base, false);
  }

  private static final class Write extends PTransform<PCollection<ImageRef>, PCollection<String>> {
    private static final long serialVersionUID = 1;

    /** Images are written by so many workers, those of a file of images by one. */
    private static final int FILES = 8;

    private final RunSpec run;

    Write(RunSpec run) {
      this.run = run;
    }

    /** Beam's writer of files would add fifty steps to the job, which take time to start. */
    @Override
    public PCollection<String> expand(PCollection<ImageRef> images) {
      return images
          .apply(
              "ToFiles",
              WithKeys.<Integer, ImageRef>of(image -> Math.floorMod(image.uri().hashCode(), FILES))
                  .withKeyType(TypeDescriptors.integers()))
          .setCoder(KvCoder.of(VarIntCoder.of(), ImageRefCoder.of()))
          .apply("Group", GroupByKey.create())
          .apply("WriteFile", ParDo.of(new WriteFileFn(run)));
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder.add(DisplayData.item("folder", run.folder()));
    }
  }

  private static final class WriteFileFn
      extends RunLease.WriterFn<KV<Integer, Iterable<ImageRef>>, String> {
    WriteFileFn(RunSpec run) {
      super(run);
    }

    @ProcessElement
    public void process(@Element KV<Integer, Iterable<ImageRef>> file, OutputReceiver<String> out)
        throws IOException {
      FileStore folder = lease().folder();
      // Each attempt has a name of its own, so that a late one never changes a file that counts.
      String name = "%s-%05d-%s.avro".formatted(NAME, file.getKey(), UUID.randomUUID());
      folder.write(
          name,
          bytes -> {
            try (DataFileWriter<GenericRecord> records =
                AvroFileFormat.writer(FileKind.RUN_FINDINGS, SCHEMA, bytes)) {
              for (ImageRef image : file.getValue()) {
                records.append(record(image));
              }
            }
          });
      out.output(folder.location() + name);
    }
  }

  private static GenericRecord record(ImageRef image) {
    ImageRef.BlockRecord record = image.record();
    return new GenericRecordBuilder(SCHEMA)
        .set("uri", image.uri())
        .set("mark", image.mark())
        .set("id", image.id())
        .set("offset", image.offset())
        .set("length", image.length())
        .set("field", record == null ? null : record.field())
        .set("record", record == null ? null : record.number())
        .set("label", image.label())
        .set("content_sha256", image.contentSha256())
        .build();
  }

  private static ImageRef image(GenericRecord record) {
    @Nullable String field = text(record, "field");
    return new ImageRef(
        record.get("id").toString(),
        record.get("uri").toString(),
        (Long) record.get("offset"),
        (Long) record.get("length"),
        field == null ? null : new ImageRef.BlockRecord(field, (Integer) record.get("record")),
        text(record, "label"),
        record.get("content_sha256").toString(),
        record.get("mark").toString());
  }

  private static @Nullable String text(GenericRecord record, String field) {
    Object value = record.get(field);
    return value == null ? null : value.toString();
  }

  private static final class Read extends PTransform<PBegin, PCollection<KV<String, Finding>>> {
    private static final long serialVersionUID = 1;

    private final String dataset;
    private final @Nullable List<DatasetRun> runs;
    private final RunSpec reader;
    private final boolean retryRejects;

    Read(String dataset, @Nullable List<DatasetRun> runs, RunSpec reader, boolean retryRejects) {
      this.dataset = dataset;
      this.runs = runs;
      this.reader = reader;
      this.retryRejects = retryRejects;
    }

    @Override
    public PCollection<KV<String, Finding>> expand(PBegin begin) {
      return begin
          .apply("Dataset", Create.of(dataset).withCoder(StringUtf8Coder.of()))
          .apply("FindFiles", ParDo.of(new FindFilesFn(runs, reader, retryRejects)))
          .setCoder(SerialCoder.of(FoundFile.class))
          .apply("SpreadFiles", Reshuffle.viaRandomKey())
          .apply("ReadFile", ParDo.of(new ReadFileFn()))
          .setCoder(KvCoder.of(StringUtf8Coder.of(), new Finding.FindingCoder()));
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder
          .add(DisplayData.item("dataset", dataset))
          .add(DisplayData.item("retryRejects", retryRejects));
    }
  }

  /** A file with findings or rejects. */
  private record FoundFile(String run, String path, boolean isFinal) implements Serializable {}

  private static final class FindFilesFn extends DoFn<String, FoundFile> {
    private final @Nullable List<DatasetRun> runs;
    private final RunSpec spec;
    private final boolean retryRejects;

    FindFilesFn(@Nullable List<DatasetRun> runs, RunSpec spec, boolean retryRejects) {
      this.runs = runs;
      this.spec = spec;
      this.retryRejects = retryRejects;
    }

    @ProcessElement
    public void process(@Element String dataset, OutputReceiver<FoundFile> out) throws IOException {
      List<DatasetRun> all = runs == null ? DatasetRun.listOf(dataset, spec.modelId()) : runs;
      for (DatasetRun run : all) {
        RunManifest manifest = run.manifest();
        if (!reading(spec.settings()).equals(reading(manifest.settings()))) {
          continue;
        }
        boolean isFinal =
            !retryRejects
                && String.valueOf(ImageDecoder.VERSION).equals(manifest.versions().get(DECODER));
        for (RunManifest.File file : manifest.files()) {
          if (isName(file.name()) || WriteRejects.isName(file.name())) {
            out.output(new FoundFile(run.name(), run.folder() + file.name(), isFinal));
          }
        }
      }
    }

    private static String reading(Map<String, String> settings) {
      return settings.getOrDefault(READING, "");
    }
  }

  private static final class ReadFileFn extends DoFn<FoundFile, KV<String, Finding>> {
    @ProcessElement
    public void process(@Element FoundFile file, OutputReceiver<KV<String, Finding>> out)
        throws IOException {
      boolean rejects = WriteRejects.isName(file.path.substring(file.path.lastIndexOf('/') + 1));
      if (!rejects) {
        PartFile.readBeside(
            file.path,
            FileKind.RUN_FINDINGS,
            SCHEMA,
            record -> {
              ImageRef image = image(record);
              out.output(KV.of(image.uri(), Finding.of(file.run, image)));
            });
        return;
      }
      boolean isBase = DatasetLayout.isBase(file.run);
      PartFile.of(file.path)
          .read(
              record -> {
                // Whether an id is there twice is found out anew. What was known already is of a
                // file that the run did not read, but for a base, which has them from its runs.
                if ((isBase || !Reject.isKnown(record))
                    && !record.get("reason").toString().equals(RejectReason.DUPLICATE_ID.code())) {
                  out.output(
                      KV.of(
                          record.get("uri").toString(),
                          new Finding(
                              file.run,
                              null,
                              Reject.isKnown(record) ? record : Reject.knownSince(file.run, record),
                              file.isFinal)));
                }
              });
    }
  }
}
