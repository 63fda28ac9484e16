package io.simclrbeam.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.storage.DamagedFileException;
import io.simclrbeam.pipelines.cli.CommandRun;
import io.simclrbeam.transforms.dedup.DedupManifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of JSON files that are not what was written. */
final class DamagedFilesTest {
  @TempDir private static Path folder;
  private static Path run;

  @BeforeAll
  static void makeAllKinds() throws IOException {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("images"), "--images=4", "--size=8");
    CommandRun.expecting(0, train());
    CommandRun.expecting(0, embed());
    try (Stream<Path> folders = Files.walk(folder.resolve("out"), 2)) {
      run =
          folders
              .filter(path -> path.getFileName().toString().startsWith("run="))
              .findFirst()
              .orElseThrow();
    }
  }

  private static String[] train() {
    return new String[] {
      "train",
      "--runner=direct",
      "--device=cpu",
      "--input=" + folder.resolve("images"),
      "--model=" + folder.resolve("model"),
      "--imageSize=8",
      "--width=0.0625",
      "--batchSize=4",
      "--steps=2"
    };
  }

  private static String[] embed() {
    return new String[] {
      "embed",
      "--runner=direct",
      "--device=cpu",
      "--precision=fp32",
      "--input=" + folder.resolve("images"),
      "--model=" + folder.resolve("model"),
      "--output=" + folder.resolve("out")
    };
  }

  /**
   * Damages a file in every way, one after the other, and mends it.
   *
   * @param field with a text, which becomes a number
   */
  private static void damage(Path file, String field, String cure, String[]... readers)
      throws IOException {
    String text = Files.readString(file);
    Map<String, String> damages = new LinkedHashMap<>();
    damages.put("", "it is empty");
    damages.put(
        text.substring(0, text.indexOf('"', text.length() / 2) + 1), "it ends too early, in line ");
    damages.put("no JSON", "it is no JSON at line 1, column ");
    damages.put("[]", "it holds no JSON object");
    damages.put("{\"a\":1}", "it "); // lacks a field, or holds something else
    damages.put(text.strip() + "}", "it is no JSON at line ");
    String changed = text.replaceFirst("(\"%s\" ?: ?)\"[^\"]*\"".formatted(field), "$17");
    if (!changed.equals(text)) {
      damages.put(changed, field + " is 7, which is not allowed there");
    }
    try {
      for (Map.Entry<String, String> damage : damages.entrySet()) {
        Files.writeString(file, damage.getKey());
        for (String[] reader : readers) {
          assertThat(CommandRun.expecting(3, reader).err())
              .contains(file + " is damaged: ", damage.getValue(), cure)
              .doesNotContain("--stacktrace", "jackson", "java");
        }
      }
    } finally {
      Files.writeString(file, text);
    }
  }

  @Test
  void aModelWithoutItsCardIsNotUsed() throws IOException {
    damage(
        folder.resolve("model/model.json"),
        "created_at",
        "the same 'simclr train' command then exports the model anew",
        embed());
  }

  @Test
  void trainingDoesNotGoOnWithoutItsSettings() throws IOException {
    damage(
        folder.resolve("model/run.json"),
        "precision",
        "Restore it from a backup, or train in another --model.",
        train());
  }

  @Test
  void aLineOfMetricsIsNamed() throws IOException {
    Path metrics = folder.resolve("model/metrics.jsonl");
    Path card = folder.resolve("model/model.json");
    List<String> lines = Files.readAllLines(metrics);
    byte[] written = Files.readAllBytes(card);
    Files.delete(card);
    String cut = lines.get(1).substring(0, 20);
    Files.writeString(metrics, lines.get(0) + "\n" + cut + "\n");

    assertThat(CommandRun.expecting(3, train()).err())
        .contains(
            "Line 2 of " + metrics + " is damaged: it is no JSON at line 1, column ",
            "Delete the line.");

    Files.writeString(metrics, lines.get(0) + "\n"); // as it says
    CommandRun.expecting(0, train());
    Files.write(card, written);
  }

  @Test
  void aDataSetIsNotReadWithoutTheManifestOfARun() throws IOException {
    damage(
        run.resolve("_MANIFEST.json"),
        "input_digest",
        "or delete the run's folder and embed its images again. Until then only programs that read the part files by themselves,",
        new String[] {"show", folder.resolve("out").toString()},
        new String[] {
          "export", folder.resolve("out").toString(), "--output=" + folder.resolve("all.csv")
        },
        embed());
  }

  /** Only the command that writes it reads it. */
  @Test
  void theResultOfDedupIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("_DEDUP.json"), "{\"seed\":1");
    assertThatThrownBy(() -> DedupManifest.read(new BeamFileStore(folder.toString())))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage(file + " is damaged: it ends too early, in line 1. Run 'simclr dedup' again.");
  }
}
