package io.simclrbeam.transforms.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileMarkTest {
  private static final FileTime TIME = FileTime.from(Instant.parse("2024-05-06T07:08:09.123456Z"));

  @TempDir private Path folder;

  private static @Nullable String mark(Path file) throws IOException {
    return FileMark.of(Files.readAttributes(file, BasicFileAttributes.class));
  }

  private Path file(String name, String content) throws IOException {
    return Files.setLastModifiedTime(Files.writeString(folder.resolve(name), content), TIME);
  }

  @Test
  void aLocalFileIsKnownBySizeTimeAndInode() throws IOException {
    Path file = file("a", "12345");
    String before = mark(file);
    assertThat(before).startsWith("5 1714979289.123456000 ");
    assertThat(mark(file)).isEqualTo(before);
    assertThat(mark(file("a", "123456"))).isNotEqualTo(before);
    Files.setLastModifiedTime(file("a", "12345"), FileTime.fromMillis(TIME.toMillis()));
    assertThat(mark(file)).as("a part of a millisecond").isNotEqualTo(before);
    Files.move(file("b", "54321"), file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(mark(file)).as("another file in its place").isNotEqualTo(before);
  }

  @Test
  void aFileThatChangedJustNowHasNone() throws IOException {
    Path file = file("a", "12345");
    Files.setLastModifiedTime(file, FileTime.from(Clock.systemUTC().instant()));
    assertThat(mark(file)).isNull();
    Files.setLastModifiedTime(file, FileTime.from(Clock.systemUTC().instant().plusSeconds(3600)));
    assertThat(mark(file)).as("a clock that is ahead").isNull();
  }

  @Test
  void aFileElsewhereIsKnownBySizeTimeAndChecksum() {
    String mark = FileMark.of(remote(7, TIME.toMillis(), "abc"));
    assertThat(mark).isEqualTo("7 1714979289.123000000 abc");
    assertThat(FileMark.of(remote(7, TIME.toMillis(), "abd"))).isNotEqualTo(mark);
    assertThat(FileMark.of(remote(7, TIME.toMillis(), null))).isEqualTo("7 1714979289.123000000");
    assertThat(FileMark.of(remote(7, 0, "abc"))).as("a store that knows no times").isNull();
  }

  private static MatchResult.Metadata remote(long size, long millis, @Nullable String checksum) {
    return MatchResult.Metadata.builder()
        .setResourceId(FileSystems.matchNewResource("/bucket/a.png", false))
        .setSizeBytes(size)
        .setLastModifiedMillis(millis)
        .setChecksum(checksum)
        .setIsReadSeekEfficient(true)
        .build();
  }
}
