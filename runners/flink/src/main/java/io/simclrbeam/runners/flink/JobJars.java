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
 * What a job brings to a cluster: this project's own jars, some hundred kilobytes. All else is in
 * the cluster's {@code lib} folder, where it is loaded once, by one class loader: a native library
 * cannot be loaded by the class loaders of two jobs.
 */
final class JobJars {
  private static final String PROJECT = "io/simclrbeam/";

  private JobJars() {}

  /** Returns those among the entries of a class path, jars or folders of classes. */
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
