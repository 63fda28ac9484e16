package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunLeaseTest {
  private static final Instant NOW = Instant.parse("2026-01-05T01:02:03Z");
  private static final Duration PATIENCE = Duration.ofHours(12);

  @TempDir private Path dataset;

  private RunLease take() throws IOException {
    return RunLease.take(dataset.toString(), "m", Clock.fixed(NOW, ZoneOffset.UTC), PATIENCE);
  }

  private Path folder(RunLease lease) {
    return dataset.resolve("model=m/run=" + lease.name());
  }

  /** Makes the last sign of life of a run older, as the storage sees it. */
  private static void age(Path file, Duration by) throws IOException {
    Files.setLastModifiedTime(
        file, FileTime.from(Files.getLastModifiedTime(file).toInstant().minus(by)));
  }

  private RunSpec spec(String name) {
    return new RunSpec(dataset.toString(), "m", name, 0, 2, Map.of(), Map.of());
  }

  private static RunManifest manifest(List<RunManifest.File> files, Map<String, String> settings) {
    return new RunManifest(
        "m",
        null,
        null,
        settings,
        Map.of(),
        new RunManifest.Counts(1, 1, 0, 0, 0, 0),
        null,
        "",
        "s",
        2,
        null,
        List.of(),
        List.of(),
        files,
        List.of());
  }

  @Test
  void twoRunsOfOneSecondHaveFoldersOfTheirOwn() throws IOException {
    try (RunLease first = take();
        RunLease second = take()) {
      assertThat(first.name()).matches("20260105T010203Z-[0-9a-f]{8}");
      assertThat(second.name()).matches("20260105T010204Z-[0-9a-f]{8}");
      first.check();
      second.check();
    }
  }

  @Test
  void aRunIsTheNewestWhateverTheClocksSaid() throws IOException {
    Path ahead = Files.createDirectories(dataset.resolve("model=m/run=20360101T000000Z-00000000"));
    Files.createFile(ahead.resolve("_SUCCESS"));

    try (RunLease lease = take()) {
      Files.createFile(folder(lease).resolve("_SUCCESS"));
      assertThat(lease.name()).startsWith("20360101T000001Z-");
      assertThat(lease.startedAt()).isEqualTo(NOW);
      assertThat(DatasetRun.list(dataset.toString()).get(0).name()).isEqualTo(lease.name());
    }
  }

  @Test
  void otherFoldersDoNotMatter() throws IOException {
    Files.createFile(
        Files.createDirectories(dataset.resolve("model=m/run=mine")).resolve("notes.txt"));
    Files.createFile(dataset.resolve("model=m/canaries.avro"));

    try (RunLease lease = take()) {
      assertThat(lease.name()).startsWith("20260105T010203Z-");
    }
    assertThat(dataset.resolve("model=m/canaries.avro")).exists();
  }

  @Test
  void aRunThatGaveASignIsLeftAloneThoughItsProcessIsGone() throws IOException {
    RunLease other = take();
    other.close();
    Path part = Files.createFile(folder(other).resolve("part-0.avro"));
    age(folder(other).resolve("_RUNNING"), PATIENCE.minusMinutes(1));

    take().close();

    assertThat(part).exists();
    other.check();
  }

  @Test
  void aRunWithoutASignIsGivenUpAndMayNotGoOn() throws IOException {
    RunLease other = take();
    other.close();
    Path hidden = Files.createDirectories(folder(other).resolve(".temp-beam"));
    Files.createFile(hidden.resolve("x"));
    Files.createFile(folder(other).resolve("part-0.avro"));
    age(folder(other).resolve("_RUNNING"), PATIENCE.plusMinutes(1));

    take().close();

    assertThat(folder(other)).isDirectoryContaining("glob:**/_ABANDONED");
    assertThat(hidden).doesNotExist();
    assertThat(folder(other).resolve("part-0.avro")).doesNotExist();
    assertThat(RunFolder.list(dataset.toString()))
        .noneMatch(run -> run.name().equals(other.name()));
    assertThatThrownBy(other::check)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("given up");
    Files.createFile(folder(other).resolve("_RUNNING")); // as if it renewed in that moment
    assertThatThrownBy(other::check).isInstanceOf(IOException.class);

    age(folder(other).resolve("_ABANDONED"), PATIENCE.plusMinutes(1));
    take().close();
    assertThat(folder(other)).doesNotExist();
    assertThatThrownBy(other::check).isInstanceOf(IOException.class);
  }

  @Test
  void stepsOfAJobGiveSignsOfLifeThoughItsClientIsGone() throws Exception {
    RunLease client = take();
    client.close();
    Path sign = folder(client).resolve("_RUNNING");
    age(sign, PATIENCE.plusMinutes(1));
    FileTime old = Files.getLastModifiedTime(sign);

    try (RunLease step = RunLease.of(spec(client.name()), Duration.ofMillis(5))) {
      while (Files.getLastModifiedTime(sign).equals(old)) {
        Thread.sleep(5);
      }
      take().close();
      step.check();
    }
  }

  @Test
  void nobodyGivesSignsOfLifeInAFolderThatWasGivenUp() throws IOException {
    RunLease lease = take();
    Path sign = folder(lease).resolve("_RUNNING");
    lease.end();
    RunLease.renew(lease.folder());
    assertThat(sign).doesNotExist();

    Files.createFile(Files.createDirectories(folder(lease)).resolve("_ABANDONED"));
    Files.createFile(sign);
    RunLease.renew(lease.folder());
    assertThat(sign).isEmptyFile();
  }

  @Test
  void aRunThatEndedUnfinishedIsClearedAtOnce() throws IOException {
    RunLease other = take();
    Files.createFile(folder(other).resolve("part-0.avro"));
    other.end();

    take().close();

    assertThat(folder(other)).doesNotExist();
  }

  @Test
  void aWholeRunIsPublishedIfItsFilesAreThere() throws IOException {
    RunLease whole = take();
    RunLease damaged = take();
    RunLease table = take();
    for (RunLease lease : List.of(whole, damaged, table)) {
      Files.write(folder(lease).resolve("part-0.avro"), new byte[3]);
      manifest(
              List.of(
                  new RunManifest.File("part-0.avro", 1, "x", lease == damaged ? 4L : (Long) 3L)),
              lease == table ? Map.of(RunManifest.TABLE, "bq://p.d.t") : Map.of())
          .write(new BeamFileStore(folder(lease).toString()));
      lease.end();
    }

    take().close();

    assertThat(folder(whole).resolve("_SUCCESS")).exists();
    assertThat(folder(damaged).resolve("_SUCCESS")).doesNotExist();
    assertThat(folder(damaged).resolve("part-0.avro")).exists();
    assertThat(folder(table).resolve("part-0.avro")).doesNotExist();
  }
}
