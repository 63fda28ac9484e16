package io.simclrbeam.transforms.dataset;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.StructuredCoder;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Reads, for each image of a data set, the record of the newest finished run of one model; none for
 * an image that this record marks as deleted. Yields ids and what a function makes of records.
 *
 * @param <T> what it makes
 */
final class ReadNewest<T> extends PTransform<PBegin, PCollection<KV<String, T>>> {
  private static final long serialVersionUID = 1;

  private final String dataset;
  private final Models models;
  private final SerializableFunction<GenericRecord, T> function;
  private final Coder<T> coder;

  ReadNewest(
      String dataset,
      Models models,
      SerializableFunction<GenericRecord, T> function,
      Coder<T> coder) {
    this.dataset = dataset;
    this.models = models;
    this.function = function;
    this.coder = coder;
  }

  /**
   * Which model's runs are read.
   *
   * @param id the model's; null for that of the newest run
   * @param mustExist whether it is an error if there is none
   */
  record Models(@Nullable String id, boolean mustExist) implements Serializable {
    List<DatasetRun> runs(String dataset) throws IOException {
      List<DatasetRun> all =
          mustExist
              ? DatasetRun.list(dataset)
              : DatasetRun.listOf(dataset, Objects.requireNonNull(id));
      String wanted = id != null ? id : all.get(0).model();
      List<DatasetRun> runs = all.stream().filter(run -> run.model().equals(wanted)).toList();
      if (mustExist && runs.isEmpty()) {
        throw new FileNotFoundException(
            "no finished run in %s is of model %s".formatted(dataset, wanted));
      }
      return runs;
    }
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
        .apply("FindParts", ParDo.of(new FindPartsFn(models)))
        .apply("SpreadParts", Reshuffle.viaRandomKey())
        .apply("ReadPart", ParDo.of(new ReadPartFn<>(function)))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), new VersionCoder<>(coder)))
        .apply("Newest", Combine.perKey(new Newest<>()))
        .apply("Present", ParDo.of(new PresentFn<>()))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), coder));
  }

  /** Yields run names and part files. */
  private static final class FindPartsFn extends DoFn<String, KV<String, String>> {
    private final Models models;

    FindPartsFn(Models models) {
      this.models = models;
    }

    @ProcessElement
    public void process(@Element String dataset, OutputReceiver<KV<String, String>> out)
        throws IOException {
      for (DatasetRun run : models.runs(dataset)) {
        for (ResourceId part : run.parts()) {
          out.output(KV.of(run.name(), part.toString()));
        }
      }
    }
  }

  private static final class ReadPartFn<T>
      extends DoFn<KV<String, String>, KV<String, Version<T>>> {
    private final SerializableFunction<GenericRecord, T> function;

    ReadPartFn(SerializableFunction<GenericRecord, T> function) {
      this.function = function;
    }

    @ProcessElement
    public void process(
        @Element KV<String, String> part, OutputReceiver<KV<String, Version<T>>> out)
        throws IOException {
      PartFile.read(
          FileSystems.matchNewResource(part.getValue(), false),
          record ->
              out.output(
                  KV.of(
                      record.get("id").toString(),
                      new Version<>(
                          part.getKey(),
                          record.get("embedding") == null ? null : function.apply(record)))));
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
