package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.dataset.TableLoader;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of runs that are loaded into a table. */
final class TableRunsTest {
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  @TempDir private Path folder;

  @BeforeEach
  void makeAModelAndADatabase() throws IOException {
    FakeTables.LOADS.clear();
    FakeTables.failing = false;
    // Other tests are of a build without a loader.
    Path services = Files.createDirectories(folder.resolve("loader/META-INF/services"));
    Files.writeString(
        services.resolve(TableLoader.class.getName()), FakeTables.class.getName(), UTF_8);
    URL[] loader = {folder.resolve("loader").toUri().toURL()};
    Thread.currentThread().setContextClassLoader(new URLClassLoader(loader, before));
    run(0, "sample", "--output=" + path("images"), "--images=20", "--size=8");
    run(
        0,
        "train",
        "--runner=direct",
        "--input=" + path("images"),
        "--model=" + path("model"),
        "--imageSize=8",
        "--width=0.0625",
        "--batchSize=8",
        "--steps=0");
  }

  @AfterEach
  void restore() {
    Thread.currentThread().setContextClassLoader(before);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static CommandRun run(int exitCode, String... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    return run;
  }

  private CommandRun embed(int exitCode, String... more) {
    return run(
        exitCode,
        Stream.concat(
                Stream.of(
                    "embed",
                    "--runner=direct",
                    "--input=" + path("images"),
                    "--model=" + path("model"),
                    "--output=bq://project.dataset.table",
                    "--tempLocation=" + path("temp")),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private List<Path> runs() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("temp"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("run="))
          .sorted()
          .toList();
    }
  }

  @Test
  void onlyWhatIsNewIsLoaded() throws IOException {
    embed(0);
    Files.copy(
        Path.of(getClass().getResource("/one-pixel.png").getPath()),
        folder.resolve("images/new.png"));
    embed(0);
    assertThat(FakeTables.LOADS).containsExactly(20L, 1L);
  }

  @Test
  void whatCouldNotBeLoadedIsEmbeddedAndLoadedByTheNextRun() throws IOException {
    FakeTables.failing = true;
    assertThat(embed(1).err()).contains("the database is down");
    Path failed = runs().get(0);
    assertThat(failed.resolve("_MANIFEST.json")).exists();
    assertThat(failed.resolve("_SUCCESS")).doesNotExist();

    FakeTables.failing = false;
    embed(0);
    assertThat(FakeTables.LOADS).containsExactly(20L);
    assertThat(failed).doesNotExist();
    assertThat(runs()).hasSize(1).allSatisfy(run -> assertThat(run.resolve("_SUCCESS")).exists());
  }

  @Test
  void aRunThatIsHeldBackCannotBePublishedAsFilesOnly() throws IOException {
    Files.writeString(folder.resolve("images/broken.png"), "no picture", UTF_8);
    embed(3, "--maxRejects=0");
    Path held = runs().get(0);

    assertThat(run(2, "publish", held.toString()).err())
        .contains("is not loaded into bq://project.dataset.table", "1 of 21 images rejected");
    assertThat(held.resolve("_SUCCESS")).doesNotExist();
    assertThat(FakeTables.LOADS).isEmpty();

    embed(0, "--maxRejects=1");
    assertThat(FakeTables.LOADS).containsExactly(20L);
  }
}
