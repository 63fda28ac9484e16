package io.simclrbeam.connectors.objectstores.s3;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The module {@code s3server} in a process of its own: an S3 server on this machine, with the
 * buckets {@code open}, {@code readonly}, {@code large} and {@code forbidden}.
 */
public final class S3Process implements AutoCloseable {
  /** Id of the key that it accepts. */
  public static final String KEY_ID = "key-id";

  /** Its secret. */
  public static final String SECRET = "secret";

  private static final Path MODULE = Path.of("s3server", "target");

  private final Process process;
  private final int port;

  /** Starts it, and returns when it listens. */
  public S3Process() throws IOException {
    String classPath =
        MODULE.resolve("classes")
            + java.io.File.pathSeparator
            + Files.readString(MODULE.resolve("class-path"));
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                "io.simclrbeam.connectors.objectstores.s3server.S3Server",
                KEY_ID,
                SECRET)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = process.inputReader();
    @Nullable String line = out.readLine();
    if (line == null) {
      throw new IOException("the server did not start");
    }
    port = Integer.parseInt(line);
  }

  /** Returns the port that it listens to. */
  public int port() {
    return port;
  }

  /** Ends it: it waits for the end of its input. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
  }
}
