package io.simclrbeam.pipelines.index;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.index.ReadManifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
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

  /**
   * Makes sure that the manifest is there, if there is to be one.
   *
   * @throws JobException if it is not
   */
  public void checkManifest() throws IOException {
    if (manifest != null && !new BeamFileStore(manifest).exists(Manifest.FILE)) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "There is no %s in --manifest=%s. Make one with 'simclr index'."
              .formatted(Manifest.FILE, manifest));
    }
  }

  /** Returns the options that say this. */
  @Override
  public String toString() {
    return manifest != null
        ? "--manifest=" + manifest
        : "--input=" + String.join(" --input=", inputs);
  }
}
