package io.simclrbeam.runners.flink;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The jars that a job brings to a cluster: this project's own, some hundred kilobytes. All others
 * are in the cluster's {@code lib} folder and are loaded once, by one class loader. The class
 * loaders of two jobs could not both load a native library.
 */
final class JobJars {
  private static final String PROJECT = "io/simclrbeam/";

  private JobJars() {}

  /** Returns the entries of a class path, jars or folders of classes, that are this project's. */
  static List<String> of(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator)).filter(JobJars::isOfProject).toList();
  }

  private static boolean isOfProject(String entry) {
    Path path = Path.of(entry);
    if (Files.isDirectory(path)) {
      return Files.isDirectory(path.resolve(PROJECT));
    }
    if (!entry.endsWith(".jar") || !Files.exists(path)) {
      return false;
    }
    try (JarFile jar = new JarFile(entry)) {
      return jar.getEntry(PROJECT) != null;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + entry, e);
    }
  }
}
