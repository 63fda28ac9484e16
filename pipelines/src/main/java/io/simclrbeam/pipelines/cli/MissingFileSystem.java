package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.embed.EmbedArgs;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to do about a path whose file system this build does not have, or has not been told of. */
final class MissingFileSystem {
  /** As Beam's FileSystems says it. */
  private static final Pattern UNKNOWN = Pattern.compile("No filesystem found for scheme (\\S+)");

  /** The Maven profile that brings each file system. */
  private static final Map<String, String> PROFILES =
      Map.of("gs", "gcs", "s3", "s3", "hdfs", "hdfs");

  private static final String HADOOP = "org.apache.beam.sdk.io.hdfs.HadoopFileSystem";

  private MissingFileSystem() {}

  /** Returns what to tell the user, if this is what an exception is about. */
  static Optional<String> explain(Throwable thrown) {
    Matcher matcher = UNKNOWN.matcher(String.valueOf(thrown.getMessage()));
    if (!(thrown instanceof IllegalArgumentException) || !matcher.find()) {
      return Optional.empty();
    }
    String scheme = matcher.group(1);
    String profile = PROFILES.get(scheme);
    if (profile == null) {
      String tables = EmbedArgs.tableSchemes();
      return Optional.of(
          "There is no file system for %s://. Paths are local, gs://, s3:// or hdfs://.%s"
              .formatted(scheme, tables.isEmpty() ? "" : " Tables for embed are " + tables + "."));
    }
    if (scheme.equals("hdfs") && isOnPath(HADOOP)) {
      return Optional.of(
          "hdfs:// has no configuration. Set HADOOP_CONF_DIR to the folder of core-site.xml, or add"
              + " --hdfsConfiguration='[{\"fs.defaultFS\": \"hdfs://HOST:PORT\"}]'.");
    }
    return Optional.of(
        "This build cannot read %s://. Build it with that file system: mvn -q -DskipTests package -P%s"
            .formatted(scheme, profile));
  }

  private static boolean isOnPath(String name) {
    return MissingFileSystem.class.getClassLoader().getResource(name.replace('.', '/') + ".class")
        != null;
  }
}
