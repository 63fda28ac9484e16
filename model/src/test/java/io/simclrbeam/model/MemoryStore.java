package io.simclrbeam.model;

import io.simclrbeam.model.storage.FileStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.TreeMap;

/** A folder in memory, whose bytes a test may damage. */
public final class MemoryStore implements FileStore {
  /** The files by name. */
  public final TreeMap<String, byte[]> files = new TreeMap<>();

  @Override
  public String location() {
    return "memory/";
  }

  @Override
  public InputStream open(String name) throws IOException {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new FileNotFoundException(name);
    }
    return new ByteArrayInputStream(bytes);
  }

  @Override
  public boolean exists(String name) {
    return files.containsKey(name);
  }

  @Override
  public void write(String name, Content content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    content.writeTo(out);
    files.put(name, out.toByteArray());
  }

  @Override
  public List<String> list(String folder) {
    return files.keySet().stream().filter(name -> name.startsWith(folder)).toList();
  }

  @Override
  public void delete(List<String> names) {
    names.forEach(files::remove);
  }
}
