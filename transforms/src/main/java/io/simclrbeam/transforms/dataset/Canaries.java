package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.transforms.dataset.CanaryReport.Reference;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The canaries of a model: images whose bytes {@code model=ID/canaries.avro} keeps, so that every
 * run can embed the same. A run keeps their embeddings in {@code _CANARIES.safetensors}.
 *
 * @param images encoded, as they were
 */
public record Canaries(List<byte[]> images) {
  private static final String IMAGES = "canaries.avro";
  private static final String VECTORS = "_CANARIES.safetensors";
  private static final Schema SCHEMA =
      SchemaBuilder.record("Canary")
          .namespace("io.simclrbeam")
          .fields()
          .requiredBytes("image")
          .endRecord();

  /** Copies the list. */
  public Canaries {
    images = List.copyOf(images);
  }

  /** Returns the canaries of a run's model; null if none were chosen yet. */
  public static @Nullable Canaries read(RunSpec run) throws IOException {
    FileStore folder = new BeamFileStore(run.modelFolder());
    if (!folder.exists(IMAGES)) {
      return null;
    }
    List<byte[]> images = new ArrayList<>();
    try (DataFileStream<GenericRecord> records =
        new DataFileStream<>(folder.open(IMAGES), new GenericDatumReader<>())) {
      for (GenericRecord record : records) {
        ByteBuffer bytes = (ByteBuffer) record.get("image");
        byte[] image = new byte[bytes.remaining()];
        bytes.get(image);
        images.add(image);
      }
    }
    return new Canaries(images);
  }

  /** Keeps these as the canaries of a run's model. */
  public void keep(RunSpec run) throws IOException {
    new BeamFileStore(run.modelFolder())
        .write(
            IMAGES,
            out -> {
              try (DataFileWriter<GenericRecord> writer =
                  new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
                writer.create(SCHEMA, out);
                for (byte[] image : images) {
                  writer.append(
                      new GenericRecordBuilder(SCHEMA)
                          .set("image", ByteBuffer.wrap(image))
                          .build());
                }
              }
            });
  }

  /**
   * Keeps the embeddings of a run, and compares them with those of the last finished run.
   *
   * @param vectors float32 {@code [D]} of each canary
   * @param hardware that they were computed on
   */
  public CanaryReport compare(RunSpec run, List<float[]> vectors, String hardware)
      throws IOException {
    write(new BeamFileStore(run.folder()), vectors);
    for (DatasetRun earlier : DatasetRun.listOf(run.dataset(), run.modelId())) {
      FileStore folder = new BeamFileStore(earlier.folder());
      List<float[]> before = vectors(folder);
      if (before.size() == vectors.size()) {
        boolean same = hardware.equals(RunManifest.read(folder).versions().get("hardware"));
        return compare(
            vectors, before, hardware, same ? Reference.SAME_HARDWARE : Reference.OTHER_HARDWARE);
      }
    }
    return CanaryReport.nothingToCompare(hardware);
  }

  /**
   * Compares embeddings of the same images.
   *
   * @param vectors float32 {@code [D]} of each
   * @param others likewise
   * @param hardware that the former were computed on
   * @param reference what the latter are
   */
  public static CanaryReport compare(
      List<float[]> vectors, List<float[]> others, String hardware, Reference reference) {
    int identical = 0;
    int changed = 0;
    for (int i = 0; i < vectors.size(); i++) {
      identical += Arrays.equals(vectors.get(i), others.get(i)) ? 1 : 0;
      changed += nearest(i, vectors) == nearest(i, others) ? 0 : 1;
    }
    return new CanaryReport(vectors.size(), identical, changed, hardware, reference);
  }

  private void write(FileStore folder, List<float[]> vectors) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("images", Tensor.scalar(digest()));
    for (int i = 0; i < vectors.size(); i++) {
      tensors.put(
          Integer.toString(i), Tensor.of(List.of((long) vectors.get(i).length), vectors.get(i)));
    }
    folder.write(VECTORS, out -> Safetensors.write(tensors, out));
  }

  /** Returns the embeddings that a run kept; none if they are not of the same images. */
  private List<float[]> vectors(FileStore folder) throws IOException {
    if (!folder.exists(VECTORS)) {
      return List.of();
    }
    Map<String, Tensor> tensors;
    try (InputStream in = folder.open(VECTORS)) {
      tensors = Safetensors.read(in);
    }
    if (Objects.requireNonNull(tensors.remove("images")).data().getLong() != digest()) {
      return List.of();
    }
    return tensors.values().stream().map(Tensor::toFloats).toList();
  }

  /** Tells these images from others. */
  private long digest() throws IOException {
    ByteArrayOutputStream digests = new ByteArrayOutputStream();
    for (byte[] image : images) {
      digests.writeBytes(new BigInteger(Sha256.of(image), 16).toByteArray());
    }
    return new BigInteger(Sha256.of(digests.toByteArray()), 16).longValue();
  }

  /** Returns which other vector is the most similar one, by the cosine. */
  private static int nearest(int row, List<float[]> vectors) {
    int nearest = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int other = 0; other < vectors.size(); other++) {
      if (other != row) {
        double similarity = cosine(vectors.get(row), vectors.get(other));
        if (similarity > highest) {
          highest = similarity;
          nearest = other;
        }
      }
    }
    return nearest;
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      squaresOfA += (double) a[i] * a[i];
      squaresOfB += (double) b[i] * b[i];
    }
    return product / Math.sqrt(squaresOfA * squaresOfB);
  }
}
