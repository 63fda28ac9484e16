package io.simclrbeam.transforms.index;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;

/**
 * Lists the images of a manifest. Yields what {@link ListImages} yields, with the SHA-256 of each
 * image, so that one that has changed since it was indexed is rejected when it is read.
 */
@AutoValue
public abstract class ReadManifest extends PTransform<PBegin, PCollectionTuple> {
  abstract String folder();

  abstract int chunkSize();

  abstract @Nullable String progress();

  /**
   * Reads {@code manifest.avro} in a folder, as {@link IndexImages} wrote it.
   *
   * @param chunkSize maximum number of images in a chunk
   * @throws IllegalArgumentException if it is below 1, or the folder is blank
   */
  public static ReadManifest in(String folder, int chunkSize) {
    BeamFileStore.checkFolder(folder);
    ImageChunk.checkSize(chunkSize);
    return new AutoValue_ReadManifest(folder, chunkSize, null);
  }

  /** Returns this with a count of what is found for the {@link ImageProgress} of a job. */
  public ReadManifest withProgressOf(@Nullable String job) {
    return new AutoValue_ReadManifest(folder(), chunkSize(), job);
  }

  @Override
  public PCollectionTuple expand(PBegin begin) {
    return PCollectionTuple.of(
            ListImages.CHUNKS,
            begin
                .apply("Folder", Create.of(folder()))
                .apply("Read", ParDo.of(new ReadFn(chunkSize(), progress())))
                .apply("SpreadChunks", Reshuffle.viaRandomKey()))
        .and(
            ListImages.REJECTS,
            begin.apply("NoRejects", Create.empty(AvroCoder.of(Reject.SCHEMA))));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("folder", folder()).withLabel("Folder Of The Manifest"))
        .add(DisplayData.item("chunkSize", chunkSize()).withLabel("Max Images In A Chunk"));
  }

  private static final class ReadFn extends DoFn<String, ImageChunk> {
    private final int chunkSize;
    private final @Nullable String job;

    ReadFn(int chunkSize, @Nullable String job) {
      this.chunkSize = chunkSize;
      this.job = job;
    }

    @ProcessElement
    public void process(@Element String folder, OutputReceiver<ImageChunk> out) throws IOException {
      Map<String, String> strings = new HashMap<>();
      List<ImageRef> chunk = new ArrayList<>();
      try (DataFileStream<GenericRecord> records = Manifest.open(new BeamFileStore(folder))) {
        for (GenericRecord record : records) {
          if (job != null) {
            ImageProgress.expect(job, 1);
          }
          chunk.add(ManifestRecord.image(record, strings));
          if (chunk.size() == chunkSize) {
            out.output(ImageChunk.of(chunk));
            chunk.clear();
          }
        }
      }
      if (!chunk.isEmpty()) {
        out.output(ImageChunk.of(chunk));
      }
    }
  }
}
