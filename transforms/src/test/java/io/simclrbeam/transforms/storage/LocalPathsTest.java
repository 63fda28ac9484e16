package io.simclrbeam.transforms.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LocalPathsTest {
  @TempDir private Path temporary;

  @ParameterizedTest
  @CsvSource({
    "/a/b, /a/b",
    "/a/b/, /a/b",
    "/a/./b//c, /a/b/c",
    "/no such folder/../b, /b",
    "/a/*.jpg, /a/*.jpg",
    "file:/a/b%20c, /a/b c",
    "gs://bucket/a/../b/, gs://bucket/a/../b/",
    "/, /"
  })
  void anAbsolutePathHasNoDots(String address, String absolute) {
    assertThat(LocalPaths.absolute(address)).isEqualTo(absolute);
    assertThat(LocalPaths.absolute(absolute)).isEqualTo(absolute);
  }

  @ParameterizedTest
  @ValueSource(strings = {"photos", "./photos", "photos/", "no such folder/../photos"})
  void aRelativePathBeginsInTheWorkingFolder(String address) {
    assertThat(LocalPaths.absolute(address))
        .isEqualTo(Path.of("").toAbsolutePath().resolve("photos").toString());
  }

  /** As the system sees it, whatever the text looks like. */
  @Test
  void whatIsAboveALinkIsAboveWhereItLeads() throws IOException {
    Path real = temporary.toRealPath();
    Path below = Files.createDirectories(real.resolve("disk/photos"));
    Files.createSymbolicLink(real.resolve("link"), below);
    Path above = real.resolve("link/../b/./c");

    assertThat(LocalPaths.absolute(above.toString())).isEqualTo(real + "/disk/b/c");
    assertThat(LocalPaths.address(above)).isEqualTo(real + "/disk/b/c");
  }

  @Test
  void whatIsInTheWayOfWritingIsSaid() throws IOException {
    assertThat(LocalPaths.whyNotWritable(temporary + "/new/folder")).isNull();
    Path file = Files.createFile(temporary.resolve("file"));
    assertThat(LocalPaths.whyNotWritable(file + "/new/folder"))
        .isEqualTo(file + " is a file, but must be a folder");
  }
}
