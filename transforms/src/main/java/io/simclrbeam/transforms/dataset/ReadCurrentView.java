package io.simclrbeam.transforms.dataset;

import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.dataset.UpdateRecords.Update;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.StructuredCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Reads what readers of a data set see: for each image the record of the newest finished run of one
 * model, and nothing if that record marks the image as deleted. {@link CurrentView} does the same
 * in one process. Yields ids and what was asked for of each record.
 *
 * @param <T> what was asked for
 */
public final class ReadCurrentView<T> extends PTransform<PBegin, PCollection<KV<String, T>>> {
  private static final long serialVersionUID = 1;

  private final String dataset;
  private final Runs runs;
  private final Selection<T> selection;
  private final Coder<T> coder;

  private ReadCurrentView(String dataset, Runs runs, Selection<T> selection, Coder<T> coder) {
    this.dataset = dataset;
    this.runs = runs;
    this.selection = selection;
    this.coder = coder;
  }

  /**
   * Reads embeddings. Without a finished run the pipeline fails.
   *
   * @param model the model's id; null for that of the newest run
   * @param asOf when they are read as of; null for now
   */
  static ReadCurrentView<Embedding> embeddings(
      String dataset, @Nullable String model, @Nullable AsOf asOf) {
    return new ReadCurrentView<>(
        dataset,
        folder -> finished(folder, model, asOf),
        (part, out) ->
            PartFile.of(part.file())
                .read(record -> out.accept(id(record), EmbeddingRecord.toEmbedding(record))),
        EmbeddingCoder.of());
  }

  /** Reads what is known of the images that have embeddings of a model. There may be none. */
  public static ReadCurrentView<Content> contents(String dataset, String model) {
    return new ReadCurrentView<>(
        dataset,
        folder -> DatasetRun.listOf(folder, model),
        ReadCurrentView::readContents,
        new Content.ContentCoder());
  }

  /**
   * Reads which record of some runs is the newest of each image, also where that says that the
   * image is gone.
   *
   * @param forgetting run of these whose deletions no record is left of; null for none
   */
  static ReadCurrentView<Update> newest(
      String dataset, List<DatasetRun> runs, @Nullable DatasetRun forgetting) {
    List<DatasetRun> fixed = List.copyOf(runs);
    @Nullable String forgotten = forgetting == null ? null : forgetting.name();
    return new ReadCurrentView<>(
        dataset,
        folder -> fixed,
        (part, out) -> readNewest(part, forgotten, out),
        SerialCoder.of(Update.class));
  }

  private static void readNewest(DatasetRun.Part part, @Nullable String forgotten, Sink<Update> out)
      throws IOException {
    long[] number = {0};
    RunContents.read(
        part,
        (record, deleted) -> {
          long here = number[0]++;
          boolean gone = deleted && part.run().equals(forgotten);
          out.accept(id(record), gone ? null : Update.copyOf(part.file(), here));
        });
  }

  private static void readContents(DatasetRun.Part part, Sink<Content> out) throws IOException {
    long[] number = {0};
    RunContents.read(
        part,
        (record, deleted) -> {
          long here = number[0]++;
          out.accept(id(record), deleted ? null : Content.of(record, part.file(), here));
        });
  }

  private static String id(GenericRecord record) {
    return record.get("id").toString();
  }

  /**
   * An embedded image, without its vector.
   *
   * @param uri of the file that it was in
   * @param label null if it had none
   * @param sha256 of its bytes
   * @param part file that its record is in
   * @param number of the record in that file, from 0
   */
  public record Content(
      String uri, @Nullable String label, String sha256, String part, long number) {
    private static Content of(GenericRecord record, String part, long number) {
      return new Content(
          record.get("uri").toString(),
          EmbeddingRecord.label(record),
          record.get("content_sha256").toString(),
          part,
          number);
    }

    private static final class ContentCoder extends AtomicCoder<Content> {
      private static final long serialVersionUID = 1;
      private static final Coder<String> TEXT = StringUtf8Coder.of();
      private static final Coder<@Nullable String> TEXT_OR_NULL = NullableCoder.of(TEXT);

      @Override
      public void encode(Content content, OutputStream out) throws IOException {
        TEXT.encode(content.uri, out);
        TEXT_OR_NULL.encode(content.label, out);
        TEXT.encode(content.sha256, out);
        TEXT.encode(content.part, out);
        VarLongCoder.of().encode(content.number, out);
      }

      @Override
      public Content decode(InputStream in) throws IOException {
        return new Content(
            TEXT.decode(in),
            TEXT_OR_NULL.decode(in),
            TEXT.decode(in),
            TEXT.decode(in),
            VarLongCoder.of().decode(in));
      }
    }
  }

  /** Lists the runs that are read, the newest first. */
  @FunctionalInterface
  private interface Runs extends Serializable {
    List<DatasetRun> of(String dataset) throws IOException;
  }

  private static List<DatasetRun> finished(
      String dataset, @Nullable String model, @Nullable AsOf asOf) throws IOException {
    CurrentView view = CurrentView.of(dataset, model, asOf);
    if (view.runs().isEmpty()) {
      throw new FileNotFoundException(
          "no finished run in %s is of model %s".formatted(dataset, model));
    }
    return view.runs();
  }

  /** Takes from the records of a part what was asked for. */
  @FunctionalInterface
  private interface Selection<T> extends Serializable {
    void read(DatasetRun.Part part, Sink<T> out) throws IOException;
  }

  /** Takes ids, and null for an image that is gone. */
  @FunctionalInterface
  private interface Sink<T> {
    void accept(String id, @Nullable T value);
  }

  /**
   * What a run says of an image.
   *
   * @param run name of the run
   * @param value null if the image was gone
   */
  private record Version<T>(String run, @Nullable T value) {}

  private static final class VersionCoder<T> extends StructuredCoder<Version<T>> {
    private static final long serialVersionUID = 1;
    private final Coder<T> coder;
    private final Coder<@Nullable T> valueCoder;

    VersionCoder(Coder<T> coder) {
      this.coder = coder;
      valueCoder = NullableCoder.of(coder);
    }

    @Override
    public void encode(Version<T> version, OutputStream out) throws IOException {
      StringUtf8Coder.of().encode(version.run, out);
      valueCoder.encode(version.value, out);
    }

    @Override
    public Version<T> decode(InputStream in) throws IOException {
      return new Version<>(StringUtf8Coder.of().decode(in), valueCoder.decode(in));
    }

    @Override
    public List<? extends Coder<?>> getCoderArguments() {
      return List.of(coder);
    }

    @Override
    public void verifyDeterministic() throws NonDeterministicException {
      coder.verifyDeterministic();
    }
  }

  @Override
  public PCollection<KV<String, T>> expand(PBegin begin) {
    return begin
        .apply("Dataset", Create.of(dataset).withCoder(StringUtf8Coder.of()))
        .apply("FindParts", ParDo.of(new FindPartsFn(runs)))
        .setCoder(SerialCoder.of(DatasetRun.Part.class))
        .apply("SpreadParts", Reshuffle.viaRandomKey())
        .apply("ReadPart", ParDo.of(new ReadPartFn<>(selection)))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), new VersionCoder<>(coder)))
        .apply("Newest", Combine.perKey(new Newest<>()))
        .apply("Present", ParDo.of(new PresentFn<>()))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), coder));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.add(DisplayData.item("dataset", dataset));
  }

  private static final class FindPartsFn extends DoFn<String, DatasetRun.Part> {
    private final Runs runs;

    FindPartsFn(Runs runs) {
      this.runs = runs;
    }

    /** Lists the runs once, so that all parts are of one state of the data set. */
    @ProcessElement
    public void process(@Element String dataset, OutputReceiver<DatasetRun.Part> out)
        throws IOException {
      for (DatasetRun run : runs.of(dataset)) {
        run.partsWithContents().forEach(out::output);
      }
    }
  }

  private static final class ReadPartFn<T> extends DoFn<DatasetRun.Part, KV<String, Version<T>>> {
    private final Selection<T> selection;

    ReadPartFn(Selection<T> selection) {
      this.selection = selection;
    }

    @ProcessElement
    public void process(@Element DatasetRun.Part part, OutputReceiver<KV<String, Version<T>>> out)
        throws IOException {
      selection.read(part, (id, value) -> out.output(KV.of(id, new Version<>(part.run(), value))));
    }
  }

  private static final class Newest<T>
      implements SerializableFunction<Iterable<Version<T>>, Version<T>> {
    private static final long serialVersionUID = 1;

    @Override
    public Version<T> apply(Iterable<Version<T>> versions) {
      Version<T> newest = null;
      for (Version<T> version : versions) {
        if (newest == null || version.run.compareTo(newest.run) > 0) {
          newest = version;
        }
      }
      return Objects.requireNonNull(newest);
    }
  }

  private static final class PresentFn<T> extends DoFn<KV<String, Version<T>>, KV<String, T>> {
    @ProcessElement
    public void process(@Element KV<String, Version<T>> image, OutputReceiver<KV<String, T>> out) {
      T value = image.getValue().value;
      if (value != null) {
        out.output(KV.of(image.getKey(), value));
      }
    }
  }
}
