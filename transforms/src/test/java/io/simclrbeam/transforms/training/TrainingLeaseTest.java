package io.simclrbeam.transforms.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainingLeaseTest {
  private static final String JOB = "11111111";
  private static final String OTHER_JOB = "22222222";
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration OFTEN = Duration.ofMillis(5);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir private Path folder;
  private BeamFileStore model;

  @BeforeEach
  void useFolder() {
    model = new BeamFileStore(folder.toString());
  }

  /** A holder that gives no sign of life after the first. */
  private TrainingLease silent(String job) throws IOException {
    return TrainingLease.take(model, job, NEVER, PATIENCE);
  }

  /** The files but those that are being written. */
  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("_TRAINING"))) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList();
    }
  }

  private void age(Path file) throws IOException {
    Files.setLastModifiedTime(
        file,
        FileTime.from(Files.getLastModifiedTime(file).toInstant().minus(PATIENCE.multipliedBy(2))));
  }

  @Test
  void anotherJobIsRefusedWhileThisOneLives() throws IOException {
    try (TrainingLease lease = TrainingLease.take(model, JOB, OFTEN, PATIENCE)) {
      assertThatThrownBy(() -> TrainingLease.take(model, OTHER_JOB, OFTEN, PATIENCE))
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining("is being trained by process %d on", ProcessHandle.current().pid())
          .hasMessageContaining("since 20");
      lease.check();
      assertThat(files()).as("who was refused leaves nothing").hasSize(1);
    }
  }

  @Test
  void aJobLivesAsLongAsOneOfItsHoldersDoes() throws IOException {
    try (TrainingLease client = TrainingLease.take(model, JOB, OFTEN, PATIENCE);
        TrainingLease worker = silent(JOB)) {
      assertThat(client.job()).isEqualTo(worker.job());
      assertThatThrownBy(() -> TrainingLease.take(model, OTHER_JOB, OFTEN, PATIENCE))
          .isInstanceOf(FolderInUseException.class);
    }
  }

  @Test
  void aJobWithoutSignsIsReplacedAndMayNotWriteWhenItWakes() throws IOException {
    TrainingLease old = silent(JOB);
    age(files().get(0));

    try (TrainingLease next = silent(OTHER_JOB)) {
      next.check();
      assertThatThrownBy(old::check)
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining("This trainer, which has trained since 20");
      assertThat(old.isReplaced()).isTrue();
      assertThatThrownBy(old::takeBack).isInstanceOf(FolderInUseException.class);
      old.end();
      next.check();
    }
  }

  /** Its own file is gone, but its next sign of life writes it again. */
  @Test
  void signsOfLifeTakeNothingBack() throws IOException {
    TrainingLease old = silent(JOB);
    Path sign = files().get(0);
    age(sign);
    try (TrainingLease next = silent(OTHER_JOB)) {
      assertThat(sign).doesNotExist();
      assertThat(old.isReplaced()).isFalse();
      old.renew();
      assertThat(sign).exists();
      assertThat(old.isReplaced()).isTrue();
      next.check();
      next.end();
      assertThatThrownBy(old::check).isInstanceOf(FolderInUseException.class);
    }
  }

  @Test
  void aJobThatIsOverIsReplacedAtOnce() throws IOException {
    TrainingLease old = silent(JOB);
    TrainingLease worker = silent(JOB);
    worker.close();
    old.end();
    assertThat(files()).as("only what says that it is over").hasSize(1);

    try (TrainingLease next = silent(OTHER_JOB)) {
      next.check();
      assertThatThrownBy(worker::check).isInstanceOf(FolderInUseException.class);
    }
  }

  @Test
  void anotherWorkerOfTheJobReplacesTheFirstAtOnce() throws IOException {
    try (TrainingLease client = silent(JOB);
        TrainingLease first = silent(JOB);
        TrainingLease second = silent(JOB)) {
      second.check();
      assertThatThrownBy(first::check).isInstanceOf(FolderInUseException.class);
      client.takeBack();
      client.check();
      assertThatThrownBy(second::check).isInstanceOf(FolderInUseException.class);
    }
  }

  @Test
  void whatIsNoLeaseDoesNotMatterAndOldRequestsAreClearedAway() throws IOException {
    Path leases = Files.createDirectories(folder.resolve("_TRAINING"));
    Files.createFile(leases.resolve("notes.txt"));
    Path request = Files.createFile(leases.resolve("00000000-33333333-44444444"));
    age(request);

    try (TrainingLease lease = silent(JOB)) {
      lease.check();
      assertThat(files())
          .extracting(file -> file.getFileName().toString())
          .satisfiesExactly(
              name -> assertThat(name).startsWith("00000001-11111111-"),
              name -> assertThat(name).isEqualTo("notes.txt"));
    }
  }
}
