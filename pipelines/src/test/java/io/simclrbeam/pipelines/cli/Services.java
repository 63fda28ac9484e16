package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Services on the class path of this thread until this is closed; other tests are without them. */
final class Services implements AutoCloseable {
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  private Services() {}

  /** Adds services of a type, with a folder for the file that names them. */
  static Services with(Path folder, Class<?> type, Class<?>... services) throws IOException {
    Services added = new Services();
    Path file = folder.resolve("META-INF/services").resolve(type.getName());
    Files.createDirectories(file.getParent());
    Files.write(file, List.of(services).stream().map(Class::getName).toList(), UTF_8);
    URL[] path = {folder.toUri().toURL()};
    Thread.currentThread().setContextClassLoader(new URLClassLoader(path, added.before));
    return added;
  }

  @Override
  public void close() {
    Thread.currentThread().setContextClassLoader(before);
  }
}
