package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.dataset.TableLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of runs that are loaded into a table. */
final class TableRunsTest {
  @TempDir private Path folder;
  private Services loaders;

  @BeforeEach
  void makeAModelAndADatabase() throws IOException {
    FakeTables.LOADS.clear();
    FakeTables.failing = false;
    FakeTables.refusing = false;
    loaders =
        Services.with(
            folder.resolve("loader"),
            TableLoader.class,
            FakeTables.class,
            FakeTables.OfAnotherKind.class);
    dataset().make();
  }

  @AfterEach
  void restore() {
    loaders.close();
  }

  private SmallDataset dataset() {
    return new SmallDataset(folder);
  }

  private CommandRun embed(int exitCode, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.add("--tempLocation=" + dataset().path("temp"));
    return dataset().embed(exitCode, "bq://project.dataset.table", all.toArray(String[]::new));
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
    assertThat(FakeTables.LOADS).containsExactly(70L, 1L);
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
    assertThat(FakeTables.LOADS).containsExactly(70L);
    assertThat(failed).doesNotExist();
    assertThat(runs()).hasSize(1).allSatisfy(run -> assertThat(run.resolve("_SUCCESS")).exists());
  }

  @Test
  void whatCouldNotBeLoadedIsNotEmbedded() {
    FakeTables.refusing = true;
    assertThat(embed(2).err())
        .contains(
            "Nothing could be loaded into --output=bq://project.dataset.table: there is no dataset.");
    assertThat(folder.resolve("temp")).doesNotExist();
  }

  @Test
  void aRunThatIsHeldBackCannotBePublishedAsFilesOnly() throws IOException {
    Files.writeString(folder.resolve("images/broken.png"), "no picture", UTF_8);
    embed(3, "--maxRejects=0");
    Path held = runs().get(0);

    assertThat(CommandRun.expecting(2, "publish", held.toString()).err())
        .contains("is not loaded into bq://project.dataset.table", "1 of 71 images rejected");
    assertThat(held.resolve("_SUCCESS")).doesNotExist();
    assertThat(FakeTables.LOADS).isEmpty();

    embed(0, "--maxRejects=1");
    assertThat(FakeTables.LOADS).containsExactly(70L);
  }

  @Test
  void howToLoadARunThatIsHeldBackIsSaid() {
    assertThat(embed(5, "--minRankMe=1000").err())
        .contains("minRankMe is ", "run embed again with wider limits")
        .doesNotContain("simclr publish");
    assertThat(FakeTables.LOADS).isEmpty();
  }

  @Test
  void theSchemeSaysWhichLoaderIsMeant() {
    String temp = "--tempLocation=" + dataset().path("temp");
    dataset().embed(0, "other://project.dataset.table", temp);
    assertThat(FakeTables.LOADS).containsExactly(-70L);

    assertThat(dataset().embed(2, "another://project.dataset.table", temp).err())
        .contains(
            "There is no file system for another://", "Tables for embed are bq://, other://.");
  }

  @Test
  @SuppressWarnings("try") // the services are there until it is closed
  void aSchemeMustHaveOneLoader() throws IOException {
    try (Services more =
        Services.with(folder.resolve("more"), TableLoader.class, FakeTables.Twin.class)) {
      assertThat(embed(2).err())
          .contains("has several loaders on the class path", "FakeTables, ", "FakeTables$Twin;");
    }
  }

  @Test
  void theBuildThatBringsALoaderIsNamed() throws IOException {
    loaders.close();
    loaders =
        Services.with(folder.resolve("one"), TableLoader.class, FakeTables.OfAnotherKind.class);
    assertThat(embed(2).err())
        .contains(
            "--output: bq://project.dataset.table needs a loader that this build does not have;"
                + " build it in with 'mvn -q -DskipTests -Pgcs package', or choose a table of"
                + " other://");
  }
}
