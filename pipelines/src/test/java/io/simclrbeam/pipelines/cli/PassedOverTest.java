package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no images by rule. */
final class PassedOverTest {
  private static final List<String> SIDECARS =
      List.of("a.xmp", "a.AAE", "a.json", "b.mov", "notes.txt", "README");

  @TempDir private Path folder;

  @BeforeEach
  void makePhotos() throws IOException {
    Path samples = folder.resolve("samples");
    CommandRun.expecting(0, "sample", "--output=" + samples, "--images=16", "--size=8");
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Iterator<String> names =
        List.of("a.png", "_MG_1.png", "b", "raw/x.png", ".trash/y.png").iterator();
    try (Stream<Path> files = Files.walk(samples)) {
      for (Path png : files.filter(file -> file.toString().endsWith(".png")).toList()) {
        if (names.hasNext()) {
          Path photo = photos.resolve(names.next());
          Files.createDirectories(photo.getParent());
          Files.copy(png, photo);
        }
      }
    }
    assertThat(names).isExhausted();
    for (String name : SIDECARS) {
      Files.writeString(photos.resolve(name), "not an image");
    }
    Files.writeString(photos.resolve("Thumbs.db"), "\0");
  }

  /** Files beside the photos are no rejects, so none needs to be allowed. */
  @Test
  void noCommandRejectsThem() throws IOException {
    run("index", "--output=" + folder.resolve("index"), "--maxRejects=0");
    assertThat(Files.exists(folder.resolve("index/manifest.avro"))).isTrue();
    run("views", "--output=" + folder.resolve("views.png"), "--imageSize=8", "--images=4");
    run(
        "train",
        "--model=" + folder.resolve("model"),
        "--encoder=pixels",
        "--steps=0",
        "--imageSize=8",
        "--batchSize=2",
        "--maxRejects=0");
    run(
        "embed",
        "--model=" + folder.resolve("model"),
        "--output=" + folder.resolve("out"),
        "--maxRejects=0");
    assertThat(CommandRun.expecting(0, "show", folder.resolve("out").toString()).out())
        .containsPattern("published +3 ");
  }

  private void run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, "--runner=direct", "--exclude=raw"));
    all.add("--input=" + folder.resolve("photos"));
    all.addAll(List.of(arguments));
    CommandRun.expecting(0, all.toArray(String[]::new));
  }

  @Test
  void anInputOfNothingElseMatchesNoFile() {
    CommandRun run =
        CommandRun.expecting(
            3,
            "index",
            "--runner=direct",
            "--input=" + folder.resolve("photos"),
            "--include=*.gif",
            "--output=" + folder.resolve("index"));
    assertThat(run.err())
        .contains("No file matches --input=" + folder.resolve("photos"))
        .containsPattern("Passed over: 1 hidden .*, 1 left by programs .*, 10 not chosen ");
  }

  @Test
  void allProblemsOfGlobsAreSaid() {
    CommandRun run =
        CommandRun.expecting(
            2,
            "index",
            "--runner=direct",
            "--input=" + folder.resolve("photos"),
            "--include=[a",
            "--exclude={b",
            "--output=" + folder.resolve("index"));
    assertThat(run.err())
        .contains("--include: '[a' has a [ without a ]", "--exclude: '{b' has a { without a }");
  }
}
