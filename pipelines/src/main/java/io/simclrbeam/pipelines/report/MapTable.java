package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.image.PictureFile;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.views.Thumbnails;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.FileSystems;

/**
 * The map as a Parquet file, a row for each image in the order of the ids: for viewers of
 * embeddings, and for queries such as the images of highest {@code outlier}. The columns {@code
 * neighbors} and {@code image} have the form that Embedding Atlas and Hugging Face's data sets
 * have: places of rows with distances, and bytes of a JPEG.
 */
final class MapTable {
  private static final Schema NEIGHBORS =
      SchemaBuilder.record("Neighbors")
          .fields()
          .name("ids")
          .type()
          .array()
          .items()
          .longType()
          .noDefault()
          .name("distances")
          .type()
          .array()
          .items()
          .doubleType()
          .noDefault()
          .endRecord();

  private static final Schema IMAGE =
      SchemaBuilder.record("Image").fields().requiredBytes("bytes").endRecord();

  static final Schema SCHEMA =
      SchemaBuilder.record("MapPoint")
          .fields()
          .requiredString("id")
          .requiredString("uri")
          .optionalString("label")
          .requiredDouble("x")
          .requiredDouble("y")
          .requiredInt("cluster")
          .requiredDouble("outlier")
          .requiredDouble("label_disagreement")
          .name("neighbors")
          .type(NEIGHBORS)
          .noDefault()
          .name("image")
          .type(IMAGE)
          .noDefault()
          .endRecord();

  private MapTable() {}

  /** Writes a map. */
  static void write(ImageMap map, Thumbnails thumbnails, int neighbors, float quality, String file)
      throws IOException {
    BeamFiles.replace(
        FileSystems.matchNewResource(file, false),
        "application/octet-stream",
        out -> {
          FileIO.Sink<GenericRecord> sink = FileFormat.of("parquet").sink(SCHEMA, "zstandard");
          sink.open(Channels.newChannel(out));
          for (int i = 0; i < map.images().size(); i++) {
            byte[] picture = PictureFile.jpeg(thumbnails.picture(i), quality);
            sink.write(row(map, i, neighbors, picture));
          }
          sink.flush();
        });
  }

  private static GenericRecord row(ImageMap map, int i, int neighbors, byte[] picture) {
    Embedding image = map.images().get(i);
    int k = map.graph().k();
    List<Long> rows = new ArrayList<>();
    List<Double> distances = new ArrayList<>();
    for (int rank = 0; rank < Math.min(k, neighbors); rank++) {
      rows.add((long) map.graph().rows()[i * k + rank]);
      distances.add(1 - map.graph().similarities()[i * k + rank]);
    }
    GenericRecord near = new GenericData.Record(NEIGHBORS);
    near.put("ids", rows);
    near.put("distances", distances);
    GenericRecord small = new GenericData.Record(IMAGE);
    small.put("bytes", ByteBuffer.wrap(picture));
    return new GenericRecordBuilder(SCHEMA)
        .set("id", image.id())
        .set("uri", image.uri())
        .set("label", image.label())
        .set("x", map.places()[2 * i])
        .set("y", map.places()[2 * i + 1])
        .set("cluster", map.clusters()[i])
        .set("outlier", map.outlier()[i])
        .set("label_disagreement", map.labelDisagreement()[i])
        .set("neighbors", near)
        .set("image", small)
        .build();
  }
}
