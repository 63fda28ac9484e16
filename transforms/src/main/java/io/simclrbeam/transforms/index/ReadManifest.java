package io.simclrbeam.transforms.index;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollectionTuple;

/**
 * The images of a manifest instead of those of a folder: yields what {@link ListImages} yields, but
 * for each image with the bytes that it must have.
 */
@AutoValue
public abstract class ReadManifest extends PTransform<PBegin, PCollectionTuple> {
  abstract String folder();

  abstract int chunkSize();

  /** Reads {@code manifest.avro} in a folder, as {@link IndexImages} wrote it. */
  public static ReadManifest in(String folder, int chunkSize) {
    return new AutoValue_ReadManifest(folder, chunkSize);
  }

  @Override
  public PCollectionTuple expand(PBegin begin) {
    return PCollectionTuple.of(
            ListImages.CHUNKS,
            begin
                .apply("Folder", Create.of(folder()))
                .apply("Read", ParDo.of(new ReadFn(chunkSize())))
                .apply("SpreadChunks", Reshuffle.viaRandomKey()))
        .and(
            ListImages.REJECTS,
            begin.apply("NoRejects", Create.empty(AvroCoder.of(Reject.SCHEMA))));
  }

  private static final class ReadFn extends DoFn<String, ImageChunk> {
    private final int chunkSize;

    ReadFn(int chunkSize) {
      this.chunkSize = chunkSize;
    }

    @ProcessElement
    public void process(@Element String folder, OutputReceiver<ImageChunk> out) throws IOException {
      Map<String, String> strings = new HashMap<>();
      List<ImageRef> chunk = new ArrayList<>();
      try (DataFileStream<GenericRecord> records =
          new DataFileStream<>(
              new BufferedInputStream(new BeamFileStore(folder).open(Manifest.FILE)),
              new GenericDatumReader<>())) {
        for (GenericRecord record : records) {
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
