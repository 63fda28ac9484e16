package io.simclrbeam.transforms.dataset;

import io.simclrbeam.transforms.coders.SerialCoder;
import java.io.Serializable;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;

/**
 * Reads which images, with which bytes, a data set has embeddings of one model of. Yields ids and
 * contents; nothing if there is no finished run of the model.
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
   * An embedded image.
   *
   * @param uri of the file that it was in
   * @param sha256 of its bytes
   */
  public record Content(String uri, String sha256) implements Serializable {
    private static Content of(GenericRecord record) {
      return new Content(record.get("uri").toString(), record.get("content_sha256").toString());
    }
  }

  @Override
  public PCollection<KV<String, Content>> expand(PBegin begin) {
    return begin.apply(
        "ReadNewest",
        new ReadNewest<>(
            dataset,
            new ReadNewest.Models(modelId, false),
            Content::of,
            SerialCoder.of(Content.class)));
  }
}
