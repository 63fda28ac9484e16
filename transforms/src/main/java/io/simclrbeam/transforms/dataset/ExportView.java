package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.storage.TextLine;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link CurrentView} to one file, for programs that know nothing of runs. Vectors are
 * float32, however the data set has them. A file is there whole or not at all.
 *
 * <p>Rows come in the order of {@link CurrentView#forEachInOrder}: the same data set gives the same
 * bytes. Sorted rows would need all of them in memory, while this holds no more than the view does.
 */
public final class ExportView {
  private enum Format {
    PARQUET,
    CSV,
    NPY
  }

  /** Endings of the names of files that can be written, for messages. */
  public static final String ENDINGS = ".parquet, .csv or .npy";

  private final String file;
  private final Format format;

  private ExportView(String file, Format format) {
    this.file = file;
    this.format = format;
  }

  /**
   * Writes to a file. The end of its name, in any case, says what it is:
   *
   * <ul>
   *   <li>{@code .parquet}: the columns of {@link EmbeddingRecord#SCHEMA};
   *   <li>{@code .csv}: a line with the names {@code id,label,uri,e0,e1,...}, then a line for each
   *       image. Fields are quoted where RFC 4180 asks for it. Lines end in a line feed, the text
   *       is UTF-8. No label is an empty field, an empty label is {@code ""};
   *   <li>{@code .npy}: NumPy's array {@code float32 [N, D]} in C order. The ids and labels of its
   *       rows are in files beside it, {@code FILE.ids.txt} and {@code FILE.labels.txt}, one in
   *       each {@link TextLine}. The line of an image without label is empty.
   * </ul>
   *
   * @throws IllegalArgumentException if the name ends otherwise
   */
  public static ExportView to(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    for (Format format : Format.values()) {
      if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
        return new ExportView(file, format);
      }
    }
    throw new IllegalArgumentException(
        "%s is no name of a file that can be written; it must end in %s".formatted(file, ENDINGS));
  }

  /** Returns the files that are written. */
  public List<String> files() {
    return format == Format.NPY ? List.of(file, ids(), labels()) : List.of(file);
  }

  private String ids() {
    return file + ".ids.txt";
  }

  private String labels() {
    return file + ".labels.txt";
  }

  /**
   * Writes a view.
   *
   * @return the number of images
   * @throws DamagedDatasetException if a file of the data set is damaged
   * @throws io.simclrbeam.transforms.storage.StorageException if writing fails
   */
  public long write(CurrentView view) throws IOException {
    Rows rows = new Rows(view);
    switch (format) {
      case PARQUET -> replace(file, out -> writeParquet(rows, out));
      case CSV -> replace(file, out -> writeCsv(rows, text(out)));
      case NPY -> {
        // The array comes last. So where there is one, the files beside it are its own.
        BeamFiles.delete(List.of(resource(file)));
        // It says first how many rows it has, which are known once all are read.
        replace(
            ids(), ids -> replace(labels(), labels -> writeTexts(rows, text(ids), text(labels))));
        replace(file, out -> writeNpy(rows, out));
      }
    }
    return rows.count;
  }

  private static ResourceId resource(String name) {
    return FileSystems.matchNewResource(name, false);
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** What is wrong with the data set is told as that, not as a file that cannot be written. */
  private static void replace(String name, Content content) throws IOException {
    try {
      BeamFiles.replace(resource(name), "application/octet-stream", content::writeTo);
    } catch (IOException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof DamagedDatasetException damaged) {
          throw damaged;
        }
      }
      throw e;
    }
  }

  private static Writer text(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  private static void writeParquet(Rows rows, OutputStream out) throws IOException {
    FileIO.Sink<GenericRecord> sink =
        FileFormat.of("parquet").sink(EmbeddingRecord.SCHEMA, "zstandard");
    sink.open(Channels.newChannel(out));
    rows.forEach(row -> sink.write(EmbeddingRecord.of(row, VectorFormat.FLOAT32)));
    sink.flush();
  }

  private static void writeCsv(Rows rows, Writer out) throws IOException {
    rows.forEach(
        row -> {
          float[] vector = row.vector();
          if (rows.count == 1) {
            writeCsvHeader(vector.length, out);
          }
          out.write(field(row.id()) + ',' + field(row.label()) + ',' + field(row.uri()));
          for (float number : vector) {
            out.write(',');
            out.write(Float.toString(number));
          }
          out.write('\n');
        });
    if (rows.count == 0) {
      writeCsvHeader(0, out);
    }
    out.flush();
  }

  private static void writeCsvHeader(int dimension, Writer out) throws IOException {
    out.write("id,label,uri");
    for (int i = 0; i < dimension; i++) {
      out.write(",e" + i);
    }
    out.write('\n');
  }

  private static final Pattern QUOTED = Pattern.compile("|.*[,\"\r\n].*", Pattern.DOTALL);

  private static String field(@Nullable String text) {
    if (text == null) {
      return "";
    }
    return QUOTED.matcher(text).matches() ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }

  private static void writeTexts(Rows rows, Writer ids, Writer labels) throws IOException {
    rows.forEach(
        row -> {
          String label = row.label();
          ids.write(TextLine.of(row.id()) + '\n');
          labels.write((label == null ? "" : TextLine.of(label)) + '\n');
        });
    ids.flush();
    labels.flush();
  }

  /** The format is that of numpy.lib.format, version 1.0. */
  private static void writeNpy(Rows rows, OutputStream out) throws IOException {
    long expected = rows.count;
    String shape =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(expected, rows.dimension);
    int preamble = 10;
    int length = (preamble + shape.length() + 1 + 63) / 64 * 64 - preamble;
    ByteBuffer header =
        ByteBuffer.allocate(preamble + length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 0x93)
            .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
            .put((byte) 1)
            .put((byte) 0)
            .putShort((short) length);
    byte[] padded = new byte[length];
    Arrays.fill(padded, (byte) ' ');
    padded[length - 1] = '\n';
    byte[] text = shape.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, padded, 0, text.length);
    out.write(header.put(padded).array());
    ByteBuffer numbers =
        ByteBuffer.allocate(Float.BYTES * rows.dimension).order(ByteOrder.LITTLE_ENDIAN);
    rows.forEach(
        row -> {
          numbers.clear().asFloatBuffer().put(row.vector());
          out.write(numbers.array());
        });
    if (rows.count != expected) {
      throw new DamagedDatasetException(
          "a run had %,d images and then %,d, as its files changed meanwhile"
              .formatted(expected, rows.count),
          null);
    }
  }

  /** The images of a view, each with equally many numbers. */
  private static final class Rows {
    private final CurrentView view;
    private @Nullable String first;
    private int dimension;
    private long count;

    Rows(CurrentView view) {
      this.view = view;
    }

    void forEach(CurrentView.Sink sink) throws IOException {
      count = 0;
      ImageProgress progress = ImageProgress.enter(view.fingerprint(), "exported");
      try {
        view.forEachInOrder(
            row -> {
              check(row);
              count++;
              sink.accept(row);
              progress.add(1);
            });
      } finally {
        progress.leave();
      }
    }

    private void check(Embedding row) throws DamagedDatasetException {
      int numbers = row.vector().length;
      if (first == null) {
        first = row.id();
        dimension = numbers;
      } else if (numbers != dimension) {
        throw new DamagedDatasetException(
            "the embeddings of %s and %s have %d and %d numbers, but must have equally many"
                .formatted(first, row.id(), dimension, numbers),
            null);
      }
    }
  }
}
