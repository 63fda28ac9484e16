package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.NewerFormatException;
import io.simclrbeam.transforms.storage.StorageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;

/**
 * A file of {@link GenericRecord}s in a run's folder, such as {@code part-00000-of-00001.avro}.
 *
 * @param format that the end of its name says
 */
record PartFile(ResourceId file, FileFormat format) {
  /** Names are this, a number, and a {@link #suffix}. */
  static final String NAME = "part";

  /** Returns whether a name is that of a file with records of a run. */
  static boolean isName(String name) {
    return name.startsWith(NAME + "-");
  }

  /** Returns how the names of files of a format end. */
  static String suffix(FileFormat format) {
    return "." + format.code();
  }

  /**
   * Finds the format of a file.
   *
   * @throws UnknownFormatException if no format on the class path has its name
   */
  static PartFile of(ResourceId file) throws UnknownFormatException {
    String name = file.toString();
    List<FileFormat> formats = FileFormat.all();
    for (FileFormat format : formats) {
      if (name.endsWith(suffix(format))) {
        return new PartFile(file, format);
      }
    }
    throw new UnknownFormatException(
        "%s is of no format that is known here; known are %s. Use the program that wrote it, or add the format to the class path."
            .formatted(name, FileFormat.names(formats)));
  }

  /** Finds the format of a file. */
  static PartFile of(String path) throws UnknownFormatException {
    return of(FileSystems.matchNewResource(path, false));
  }

  /**
   * Reads the file; see {@link FileFormat#read}.
   *
   * @throws DamagedDatasetException if it is not of its format from the first record to the last
   */
  void read(FileFormat.RecordHandler handler) throws IOException {
    read(file, format::read, handler);
  }

  /**
   * Reads an Avro file that is beside the parts.
   *
   * @param schema of the records that are handed over
   * @throws DamagedDatasetException if it is not of its format from the first record to the last
   */
  static void readBeside(
      String path, FileKind kind, Schema schema, FileFormat.RecordHandler handler)
      throws IOException {
    read(
        FileSystems.matchNewResource(path, false),
        (file, each) -> AvroFileFormat.read(file, kind, schema, each),
        handler);
  }

  @FunctionalInterface
  private interface Reading {
    void read(ResourceId file, FileFormat.RecordHandler handler) throws IOException;
  }

  private static void read(ResourceId file, Reading reading, FileFormat.RecordHandler handler)
      throws IOException {
    boolean[] handing = new boolean[1];
    try {
      reading.read(
          file,
          record -> {
            handing[0] = true;
            handler.accept(record);
            handing[0] = false;
          });
    } catch (FileNotFoundException
        | StorageException
        | NewerFormatException
        | UncheckedIOException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      if (handing[0]) {
        throw e; // which says nothing of the file
      }
      throw new DamagedDatasetException(
          "%s is damaged: %s".formatted(file, StorageException.reason(e)), e);
    }
  }
}
