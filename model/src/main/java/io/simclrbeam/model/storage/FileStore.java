package io.simclrbeam.model.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * A folder of files on a disk, an object store or in memory. Names are relative, with {@code /}
 * between folders.
 */
public interface FileStore {
  /** Returns where the folder is, for messages. */
  String location();

  /**
   * Opens a file.
   *
   * @throws java.io.FileNotFoundException if there is none of this name
   */
  InputStream open(String name) throws IOException;

  /** Returns whether there is a file of this name. */
  boolean exists(String name) throws IOException;

  /**
   * Writes a file, replacing any of the same name. No reader ever sees a part of it, whatever
   * happens to the writer.
   */
  void write(String name, Content content) throws IOException;

  /**
   * Returns the names of all files below a folder, in no order; none if there is no such folder.
   */
  List<String> list(String folder) throws IOException;

  /** Deletes files; those that are already gone do not matter. */
  void delete(List<String> names) throws IOException;

  /** Writes the bytes of a file. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }
}
