package io.simclrbeam.transforms.dataset;

import java.io.IOException;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.util.common.ReflectHelpers;

/**
 * A format of part files. Formats are services: to add one, implement this interface and name the
 * class in {@code META-INF/services/io.simclrbeam.transforms.dataset.FileFormat}. Options, writers
 * and readers then know it. Formats of one name must be equal, as records without components are.
 */
public interface FileFormat extends Serializable {
  /**
   * Returns the name of the format in lower case, such as {@code parquet}. Options and manifests
   * use it, and the names of files end in it, after a period.
   */
  String code();

  /** Returns the names of the compressions that files can have, at least one. */
  List<String> codecs();

  /**
   * Returns what writes files. They carry the {@linkplain
   * io.simclrbeam.model.storage.FileKind#metadata version} of {@link
   * io.simclrbeam.model.storage.FileKind#EMBEDDING_PART}.
   *
   * @param schema one that {@link EmbeddingRecord#schema} returns
   * @param codec one of {@link #codecs}
   */
  FileIO.Sink<GenericRecord> sink(Schema schema, String codec);

  /**
   * Reads a file from its first record to its last. Opens it with {@link
   * io.simclrbeam.transforms.storage.BeamFiles#openSteadily}, so that what cannot be read now is
   * not taken for damage.
   *
   * @throws IOException if it cannot be read or is not of this format
   * @throws io.simclrbeam.model.storage.NewerFormatException if its version is newer than this
   *     program knows
   */
  void read(ResourceId file, RecordHandler handler) throws IOException;

  /** Takes the records of a file, one after the other. */
  @FunctionalInterface
  interface RecordHandler {
    /** Takes a record, which has the schema that it was written with. */
    void accept(GenericRecord record) throws IOException;
  }

  /** Returns the formats on the class path, in the order of their names. */
  static List<FileFormat> all() {
    return ServiceLoader.load(FileFormat.class, ReflectHelpers.findClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(FileFormat::code))
        .toList();
  }

  /**
   * Returns the format of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static FileFormat of(String code) {
    List<FileFormat> all = all();
    return all.stream()
        .filter(format -> format.code().equals(code))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no file format '%s'; there are %s".formatted(code, names(all))));
  }

  /** Returns the names of formats, for messages. */
  static String names(List<FileFormat> formats) {
    return formats.stream().map(FileFormat::code).collect(Collectors.joining(", "));
  }
}
