package io.simclrbeam.transforms.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.random.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** Most of these come from decoding addresses of the web, or not doing so. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.png",
        "%41.png",
        "%2541.png",
        "%25.png",
        "100%.png",
        "100%/%a.png",
        "caf%c3%a9.png",
        "caf%C3%A9.png",
        "caf%E9.png",
        "%FF.png",
        "%f.png",
        "caf\u00e9 %20.png",
        "a%2fb.png",
        "\ufffd.png"
      })
  void ordinaryNamesAreTheirText(String name) {
    assertThat(LocalPaths.text(name.getBytes(UTF_8))).isEqualTo(name);
    assertThat(LocalPaths.text(Path.of("x/" + name))).isEqualTo("x/" + name);
  }

  @ParameterizedTest
  @CsvSource({
    "\u00ff.png, %ff.png",
    "%ff.png, %25ff.png",
    "%25ff.png, %2525ff.png",
    "%2525ff.png, %252525ff.png",
    "\u00ff%ff.png, %ff%25ff.png",
    "%ff%25ff.png, %25ff%2525ff.png",
    "%/\u00ff/%ff, %/%ff/%25ff",
    "\u00c3%a9.png, %c3%25a9.png",
    "%c3%25a9.png, %25c3%2525a9.png",
    "%c3%25.png, %25c3%2525.png"
  })
  void bytesThatAreNotTextAndWhatLooksLikeThemAreEscaped(String latin, String text) {
    assertThat(LocalPaths.text(latin.getBytes(ISO_8859_1))).isEqualTo(text);
  }

  @Test
  void differentNamesAreDifferentText() {
    byte[] signs = "%%%25ffeec9a/\u00ff\u00ff\u00c3\u00a9\u00e9".getBytes(ISO_8859_1);
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      SeededRandom random = SeededRandom.of(i);
      byte[] name = new byte[1 + random.nextInt(9)];
      for (int j = 0; j < name.length; j++) {
        name[j] = signs[random.nextInt(signs.length)];
      }
      String latin = new String(name, ISO_8859_1);
      String other = names.put(LocalPaths.text(name), latin);
      assertThat(other == null ? latin : other).isEqualTo(latin);
    }
    // Whatever a name is written as, a name of just that text is written otherwise.
    for (String text : List.copyOf(names.keySet())) {
      String latin = new String(text.getBytes(UTF_8), ISO_8859_1);
      String other = names.put(LocalPaths.text(text.getBytes(UTF_8)), latin);
      assertThat(other == null ? latin : other).isEqualTo(latin);
    }
  }

  @Test
  void whatIsInTheWayOfWritingIsSaid() throws IOException {
    assertThat(LocalPaths.whyNotWritable(temporary + "/new/folder")).isNull();
    Path file = Files.createFile(temporary.resolve("file"));
    assertThat(LocalPaths.whyNotWritable(file + "/new/folder"))
        .isEqualTo(file + " is a file, but must be a folder");
  }
}
