package io.simclrbeam.pipelines.index;

import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.index.ReadManifest;
import java.util.List;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;

/**
 * Where images are: inputs, or the manifest of inputs that were indexed before.
 *
 * @param inputs folders, globs, files or shards; none if there is a manifest
 * @param fields of the records of Avro and TFRecord shards
 * @param manifest folder of a manifest, or null
 */
public record Source(List<String> inputs, RecordFields fields, @Nullable String manifest) {
  /** Returns the images as {@link ListImages} yields them. */
  public PTransform<PBegin, PCollectionTuple> list(int chunkSize) {
    return manifest != null
        ? ReadManifest.in(manifest, chunkSize)
        : ListImages.in(inputs).withFields(fields).withChunkSize(chunkSize);
  }

  /** Returns the options that say this. */
  @Override
  public String toString() {
    return manifest != null
        ? "--manifest=" + manifest
        : "--input=" + String.join(" --input=", inputs);
  }
}
