package io.simclrbeam.transforms.dataset;

import java.io.IOException;
import java.io.Serializable;
import java.util.Objects;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
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

/**
 * Reads which images, with which bytes, one model has embedded in a data set: by id, the record of
 * the newest finished run, without the embedding.
 */
public final class ReadContents
    extends PTransform<PBegin, PCollection<KV<String, ReadContents.Content>>> {
  private static final long serialVersionUID = 1;

  private final String dataset;
  private final String modelId;

  private ReadContents(String dataset, String modelId) {
    this.dataset = dataset;
    this.modelId = modelId;
  }

  /** Reads the finished runs of a model, of which there may be none. */
  public static ReadContents of(String dataset, String modelId) {
    return new ReadContents(dataset, modelId);
  }

  /**
   * What a run says of an image.
   *
   * @param run its name
   * @param uri of the file that the image was in
   * @param sha256 of the image's bytes; empty if the image was gone
   */
  public record Content(String run, String uri, String sha256) implements Serializable {
    /** Returns whether the image was gone. */
    public boolean isDeleted() {
      return sha256.isEmpty();
    }
  }

  @Override
  public PCollection<KV<String, Content>> expand(PBegin begin) {
    return begin
        .apply("Model", Create.of(modelId).withCoder(StringUtf8Coder.of()))
        .apply("FindParts", ParDo.of(new FindPartsFn(dataset)))
        .apply("SpreadParts", Reshuffle.viaRandomKey())
        .apply("ReadPart", ParDo.of(new ReadPartFn()))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), SerializableCoder.of(Content.class)))
        .apply("Newest", Combine.perKey(new Newest()));
  }

  private static final class FindPartsFn extends DoFn<String, KV<String, String>> {
    private final String dataset;

    FindPartsFn(String dataset) {
      this.dataset = dataset;
    }

    @ProcessElement
    public void process(@Element String model, OutputReceiver<KV<String, String>> out)
        throws IOException {
      for (DatasetRun run : DatasetRun.listOf(dataset, model)) {
        for (ResourceId part : run.parts()) {
          out.output(KV.of(run.name(), part.toString()));
        }
      }
    }
  }

  private static final class ReadPartFn extends DoFn<KV<String, String>, KV<String, Content>> {
    @ProcessElement
    public void process(@Element KV<String, String> part, OutputReceiver<KV<String, Content>> out)
        throws IOException {
      PartFile.read(
          FileSystems.matchNewResource(part.getValue(), false),
          record ->
              out.output(
                  KV.of(
                      record.get("id").toString(),
                      new Content(
                          part.getKey(),
                          record.get("uri").toString(),
                          record.get("embedding") == null
                              ? ""
                              : record.get("content_sha256").toString()))));
    }
  }

  private static final class Newest implements SerializableFunction<Iterable<Content>, Content> {
    private static final long serialVersionUID = 1;

    @Override
    public Content apply(Iterable<Content> contents) {
      Content newest = null;
      for (Content content : contents) {
        if (newest == null || content.run.compareTo(newest.run) > 0) {
          newest = content;
        }
      }
      return Objects.requireNonNull(newest);
    }
  }
}
