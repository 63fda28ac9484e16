package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.beam.sdk.util.UserCodeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MissingFileSystemTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"gs, gcs", "s3, s3", "hdfs, hdfs"})
  void namesTheProfileToBuildWith(String scheme, String profile) throws IOException {
    String message =
        "This build cannot read %s://. Build it with that file system: mvn -q -DskipTests package -P%s%n"
            .formatted(scheme, profile);
    CommandRun index =
        CommandRun.of(
            "index",
            "--input=%s://bucket/photos".formatted(scheme),
            "--output=" + folder,
            "--runner=direct");
    assertThat(index.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(index.err()).isEqualTo("simclr index: " + message);
    Files.write(folder.resolve("photo.png"), new byte[1]);
    CommandRun embed =
        CommandRun.of(
            "embed",
            "--input=" + folder,
            "--model=%s://bucket/model".formatted(scheme),
            "--output=" + folder,
            "--runner=direct");
    assertThat(embed.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(embed.err()).isEqualTo("simclr embed: " + message);
  }

  @Test
  void otherSchemesAreNoFileSystemsAtAll() {
    assertThat(
            Failure.of(
                UserCodeException.wrap(
                    new IllegalArgumentException("No filesystem found for scheme ftp"))))
        .isEqualTo(
            new Failure(
                ExitCode.USAGE,
                "There is no file system for ftp://. Paths are local, gs://, s3:// or hdfs://.",
                true));
  }
}
