package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simclrbeam.transforms.dataset.CurrentView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs of others read of a data set; skipped for those that are not there. */
final class PythonReadersTest {
  private static final int IMAGES = SmallDataset.IMAGES;

  @TempDir private Path folder;

  @Test
  void readersFindPartsAndNothingElseAndPagesTellTheCurrentOnes() throws Exception {
    SmallDataset small = new SmallDataset(folder);
    small.make();
    Path broken = Files.write(folder.resolve("images/broken.png"), new byte[] {1, 2, 3});
    embed(small);
    Path gone;
    try (Stream<Path> files = Files.walk(folder.resolve("images"))) {
      gone =
          files
              .filter(file -> file.toString().endsWith(".png") && !file.equals(broken))
              .sorted()
              .findFirst()
              .orElseThrow();
    }
    Files.move(gone, gone.resolveSibling("moved.png"));
    embed(small);
    CurrentView view = CurrentView.of(small.path("out"));
    for (String ending : List.of(".parquet", ".csv", ".npy")) {
      CommandRun.expecting(
          0, "export", small.path("out"), "--output=" + small.path("export" + ending));
    }

    List<String[]> found = read(small.path("out"), view.model(), small.path("export"));

    String current = view.load().ids().stream().sorted().collect(Collectors.joining(" "));
    assertThat(view.load().size()).isEqualTo(IMAGES);
    for (String[] line : found) {
      String what = String.join(" ", line);
      switch (line[2]) {
        case "data set" -> assertThat(line[3]).as(what).isEqualTo("" + (IMAGES + 2));
        case "run" -> assertThat(line[3]).as(what).isEqualTo("" + IMAGES);
        case "rejects" -> assertThat(line[3]).as(what).isEqualTo("2");
        case "canaries" -> assertThat(line[3]).as(what).isEqualTo("64");
        default -> {
          List<String> ids = Arrays.asList(line[3].split(" ", -1));
          if (ids.size() == 11) { // the nearest ten
            assertThat(current).as(what).contains(ids);
          } else {
            assertThat(line[3]).as(what).isEqualTo(current);
          }
        }
      }
    }
  }

  private static void embed(SmallDataset small) {
    small.embed(0, small.path("out"), "--format=parquet", "--vectors=float32", "--recordDeletions");
  }

  /** Returns lines of a reader's name, its version, what it read, and what it found. */
  private List<String[]> read(String dataset, String model, String exported) throws Exception {
    try (InputStream script =
        PythonReadersTest.class.getResourceAsStream("/python/read_dataset.py")) {
      Files.copy(Objects.requireNonNull(script), folder.resolve("read_dataset.py"));
    }
    Path errors = folder.resolve("errors");
    String page = MarkdownPage.ROOT.resolve("docs/embedding.md").toRealPath().toString();
    Process process;
    try {
      process =
          new ProcessBuilder("python3", "read_dataset.py", dataset, model, page, exported)
              .directory(folder.toFile())
              .redirectError(errors.toFile())
              .start();
    } catch (IOException e) {
      assumeTrue(false, "no Python here");
      throw e;
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    List<String[]> lines =
        output
            .lines()
            .filter(line -> !line.startsWith("skipped"))
            .map(line -> line.split("\t", -1))
            .toList();
    lines.forEach(line -> System.out.printf("%s %s: %s%n", line[0], line[1], line[2]));
    assumeTrue(!lines.isEmpty(), "none of the readers is here: " + output);
    return lines;
  }
}
