package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
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
 * The canaries of a model: a few images that every run embeds anew, to see what else than the
 * images has changed. Their bytes are kept in {@code model=ID/_canaries.avro}, and a run's
 * embeddings of them in {@code _CANARIES.safetensors}.
 *
 * @param images bytes of the image files
 */
public record Canaries(List<byte[]> images) {
  private static final String IMAGES = "_canaries.avro";

  /** What earlier versions called it. */
  private static final String OLD_IMAGES = "canaries.avro";

  static final String VECTORS = "_CANARIES.safetensors";
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
    String file = folder.exists(IMAGES) ? IMAGES : OLD_IMAGES;
    if (!folder.exists(file)) {
      return null;
    }
    List<byte[]> images = new ArrayList<>();
    try (DataFileStream<GenericRecord> records =
        new DataFileStream<>(folder.open(file), new GenericDatumReader<>())) {
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
  public Report compare(RunSpec run, List<float[]> vectors, String hardware) throws IOException {
    write(new BeamFileStore(run.folder()), vectors);
    for (DatasetRun earlier : DatasetRun.listOf(run.dataset(), run.modelId())) {
      List<float[]> before = vectors(earlier);
      if (before.size() == vectors.size()) {
        boolean same =
            hardware.equals(
                RunManifest.read(new BeamFileStore(earlier.folder()))
                    .versions()
                    .get(RunManifest.HARDWARE));
        return compare(
            vectors, before, hardware, same ? Reference.SAME_HARDWARE : Reference.OTHER_HARDWARE);
      }
    }
    return Report.nothingToCompare(hardware);
  }

  /**
   * Compares embeddings of the same images.
   *
   * @param vectors float32 {@code [D]} of each
   * @param others likewise
   * @param hardware that the former were computed on
   * @param reference what the latter are
   */
  public static Report compare(
      List<float[]> vectors, List<float[]> others, String hardware, Reference reference) {
    int identical = 0;
    int changed = 0;
    for (int i = 0; i < vectors.size(); i++) {
      identical += Arrays.equals(vectors.get(i), others.get(i)) ? 1 : 0;
      changed += nearest(i, vectors) == nearest(i, others) ? 0 : 1;
    }
    return new Report(vectors.size(), identical, changed, hardware, reference);
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
  private List<float[]> vectors(DatasetRun run) throws IOException {
    long digest = digest();
    @Nullable List<float[]> vectors =
        run.kept(
            VECTORS,
            tensors ->
                Objects.requireNonNull(tensors.remove("images")).data().getLong() == digest
                    ? tensors.values().stream().map(Tensor::toFloats).toList()
                    : List.of());
    return Objects.requireNonNullElse(vectors, List.of());
  }

  /** Returns a number that is another one for other images. */
  private long digest() throws IOException {
    ByteArrayOutputStream digests = new ByteArrayOutputStream();
    for (byte[] image : images) {
      digests.writeBytes(new BigInteger(Sha256.of(image), 16).toByteArray());
    }
    return new BigInteger(Sha256.of(digests.toByteArray()), 16).longValue();
  }

  /** Returns which other vector is the most similar one. */
  private static int nearest(int row, List<float[]> vectors) {
    int nearest = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int other = 0; other < vectors.size(); other++) {
      if (other != row) {
        double similarity = Cosine.similarity(vectors.get(row), vectors.get(other));
        if (similarity > highest) {
          highest = similarity;
          nearest = other;
        }
      }
    }
    return nearest;
  }

  /**
   * What became of the canaries.
   *
   * @param compared how many there were other embeddings of
   * @param identical how many of these have the same bits
   * @param changedNeighbors how many of these have another nearest neighbor among them
   * @param hardware processor, device and libtorch of this run; empty if no canary was embedded
   * @param reference where the other embeddings came from
   */
  public record Report(
      int compared, int identical, int changedNeighbors, String hardware, Reference reference)
      implements Serializable {
    /** Returns the report of a run whose embeddings there is nothing to compare with. */
    public static Report nothingToCompare(String hardware) {
      return new Report(0, 0, 0, hardware, Reference.SAME_HARDWARE);
    }
  }

  /** What embeddings are compared with. */
  public enum Reference {
    /** Those of the last run, which was computed on the same hardware. */
    SAME_HARDWARE("same hardware"),
    /** Those of the last run, which was computed on other hardware. */
    OTHER_HARDWARE("other hardware or libtorch"),
    /** Those of the same encoder in float32. */
    FLOAT32("compared with float32");

    private final String words;

    Reference(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }
}
