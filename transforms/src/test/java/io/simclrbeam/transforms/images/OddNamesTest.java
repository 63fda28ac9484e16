package io.simclrbeam.transforms.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.remote.RemoteFiles;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file is called, it is found, read and named the same, in any locale. */
final class OddNamesTest {
  /** Paths that are UTF-8 and so ids as they are. */
  private static final List<String> TEXTS =
      List.of(
          "plain.png",
          "%41.png",
          "100%.png",
          "100%/a.png",
          "#1.png",
          "a:b.png",
          "file:x.png",
          "[1].png",
          "[2024]/a.png",
          "{a,b}.png",
          "*.png",
          "?.png",
          "back\\slash.png",
          "new\nline.png",
          "return\r.png",
          "tab\t.png",
          "bell\u0007.png",
          " before.png",
          "after.png ",
          "  ",
          "'single' \"double\".png",
          "$HOME;x&y|z.png",
          "-rf.png",
          "~.png",
          "+.png",
          "x.tar/a.png",
          "x.tar/cats/b.png",
          "Gr\u00f6\u00dfe.png",
          "Gro\u0308\u00dfe.png",
          "\u00e9t\u00e9/\u6771\u4eac \ud83d\ude00.png",
          "\ufffd.png",
          "\u2028.png",
          "x".repeat(251) + ".png",
          "\u6771".repeat(84) + ".jp");

  /** Names that are not UTF-8, as URIs have them, which are the ids as well. */
  private static final List<String> BYTES =
      List.of(
          "%ff%fe.png",
          "caf%e9.png",
          "%e9t%e9/a.png",
          "cut-%e6%9d.png",
          "x".repeat(120) + "%fe.png",
          "x".repeat(120) + "%ff.png");

  /** Names that others are written as, and what they are written as themselves. */
  private static final Map<String, String> LOOKALIKES =
      Map.of(
          "%ff%fe.png", "%25ff%25fe.png",
          "%25ff%25fe.png", "%2525ff%2525fe.png",
          "%e9t%e9/a.png", "%25e9t%25e9/a.png");

  private static final Map<String, byte[]> CONTENTS = new TreeMap<>();

  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    CONTENTS.clear();
    try (TarArchiveOutputStream entries =
        new TarArchiveOutputStream(tar, ISO_8859_1.name())) { // bytes as they are
      entries.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      long number = 0;
      for (String text : TEXTS) {
        write(text, LocalPaths.of(folder + "/in/" + text), text.getBytes(UTF_8), number++, entries);
      }
      for (String escaped : BYTES) {
        byte[] name = unescaped(escaped);
        write(escaped, LocalPaths.of("file:" + folder + "/in/" + escaped), name, number++, entries);
      }
      for (Map.Entry<String, String> name : LOOKALIKES.entrySet()) {
        byte[] bytes = name.getKey().getBytes(UTF_8);
        Path file = LocalPaths.of(folder + "/in/" + name.getKey());
        write(name.getValue(), file, bytes, number++, entries);
      }
    }
    Files.write(folder.resolve("a.tar"), tar.toByteArray());
  }

  private static byte[] unescaped(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '%') {
        bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(text.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  private static void write(
      String id, Path file, byte[] name, long number, TarArchiveOutputStream entries)
      throws IOException {
    byte[] png = TestImages.png(number);
    CONTENTS.put(id, png);
    Files.createDirectories(file.getParent());
    Files.write(file, png);
    TarArchiveEntry entry = new TarArchiveEntry(new String(name, ISO_8859_1), true);
    entry.setSize(png.length);
    entries.putArchiveEntry(entry);
    entries.write(png);
    entries.closeArchiveEntry();
  }

  @Test
  void filesAreFoundAndRead() throws Exception {
    assertThat(read(folder + "/in")).containsExactlyInAnyOrderElementsOf(expected(""));
    assertThat(read(folder + "/in/**")).containsExactlyInAnyOrderElementsOf(expected(""));
  }

  @Test
  void entriesOfTarsAreFoundAndRead() throws Exception {
    assertThat(read(folder + "/a.tar")).containsExactlyInAnyOrderElementsOf(expected("a.tar/"));
  }

  /** As a job of cron has it, and a worker that a service has started. */
  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "C.UTF-8"})
  void anyLocaleWillDo(String locale) throws Exception {
    List<String> expected = new ArrayList<>(expected(""));
    expected.addAll(expected("a.tar/"));
    ForkedJvm jvm =
        ForkedJvm.run(Lister.class, Map.of("LC_ALL", locale, "FOLDER", folder.toString()));
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output().lines().filter(line -> line.startsWith("found ")).sorted())
        .containsExactlyElementsOf(expected.stream().map(Lister::line).sorted().toList());
  }

  /** Lists and reads in a JVM of its own. */
  static final class Lister {
    private Lister() {}

    public static void main(String[] arguments) throws Exception {
      String folder = System.getenv("FOLDER");
      PrintStream out = new PrintStream(System.out, true, UTF_8);
      for (String input : List.of(folder + "/in", folder + "/a.tar")) {
        read(input).forEach(line -> out.println(line(line)));
      }
    }

    static String line(String text) {
      return "found " + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[2024]",
        "[2024]/*.png",
        "x.tar/a.png",
        "x.tar/*.png",
        "100%/a.png",
        "100%",
        "\u00e9t\u00e9",
        "\u00e9t\u00e9/*.png"
      })
  void inputsMayHaveSuchNames(String input) throws Exception {
    assertThat(read(folder + "/in/" + input)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%e9t%e9", "%e9t%e9/*.png", "caf%e9.png", "%5b2024%5d/a.png"})
  void uriHaveBytes(String input) throws Exception {
    assertThat(read("file:" + folder + "/in/" + input)).hasSize(1);
    assertThat(read("file://" + folder + "/in/" + input)).hasSize(1);
  }

  @Test
  void otherFileSystemsHaveSuchNames() throws Exception {
    RemoteFiles.clear();
    List<String> names = TEXTS.stream().filter(name -> !name.isBlank()).toList();
    for (String name : names) {
      RemoteFiles.put("odd/" + name, CONTENTS.get(name));
    }
    assertThat(read("slow://odd"))
        .containsExactlyInAnyOrderElementsOf(
            names.stream().map(name -> line(name, CONTENTS.get(name))).toList());
  }

  private static List<String> expected(String prefix) {
    return CONTENTS.entrySet().stream()
        .map(file -> line(prefix + file.getKey(), file.getValue()))
        .toList();
  }

  private static String line(String id, byte[] content) {
    return String.format(Locale.ROOT, "%08x %s", Arrays.hashCode(content), id);
  }

  /** Lists an input, reads all images, and returns each id with a hash of the content. */
  private static List<String> read(String input) throws Exception {
    List<ImageRef> images = new ArrayList<>();
    for (ImageRef file : InputSpec.match(input, ImageFilter.ALL).files()) {
      if (ShardFormats.of(file.uri()).isEmpty()) {
        images.add(file);
      } else {
        ShardFormats.scan(new Shard(file.id(), file.uri()), RecordFields.AUTO, found(images));
      }
    }
    List<String> lines = new ArrayList<>();
    try (ImageReader reader = ImageReader.of(images)) {
      for (ImageRef image : images) {
        lines.add(line(image.id(), reader.next()));
      }
    }
    return lines;
  }

  private static ShardFormat.Found found(List<ImageRef> images) {
    return new ShardFormat.Found() {
      @Override
      public void image(ImageRef image) {
        images.add(image);
      }

      @Override
      public void reject(String id, RejectReason reason, String detail) {
        throw new UncheckedIOException(new IOException(id + " " + detail));
      }

      @Override
      public PassedOver passedOver() {
        return new PassedOver();
      }
    };
  }
}
