package io.simclrbeam.pipelines.index;

import io.simclrbeam.model.storage.DamagedFileException;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.storage.FileListing;
import io.simclrbeam.transforms.storage.LifeSign;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;

/**
 * The right to write an index or its tar files into a folder, until this is closed. It is a hidden
 * file there. Of two processes at once, the one whose file is older by the storage's clock has the
 * right; none has it if both are of the same time. So it is never with both: each writes its file
 * before it looks for others. A second file is the sign of life of the first, and is renewed. A
 * claim without a sign for long is over, by the storage's clock.
 */
final class FolderClaim implements AutoCloseable {
  private static final String PREFIX = ".simclr-indexes-";

  /** Ends the name of the sign of life. */
  private static final String ALIVE = ".alive";

  private static final Duration PERIOD = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final BeamFileStore folder;
  private final String name;
  private final LifeSign sign;

  /**
   * What the file holds, for people.
   *
   * @param holder who wrote it
   * @param since when, by the clock of that machine
   */
  private record Content(LifeSign.Holder holder, String since) {}

  private FolderClaim(BeamFileStore folder, String name) {
    this.folder = folder;
    this.name = name;
    this.sign =
        LifeSign.every(PERIOD, folder.location(), () -> write(ALIVE, out -> out.write('+')));
  }

  /** Not under another name first: it must be seen from its time on. */
  private void write(String suffix, FileStore.Content content) throws IOException {
    BeamFiles.write(
        FileSystems.matchNewResource(folder.location() + name + suffix, false),
        "application/octet-stream",
        content);
  }

  /**
   * Takes the right.
   *
   * @throws JobException if another process has it
   */
  static FolderClaim of(BeamFileStore folder) throws IOException {
    FolderClaim claim = new FolderClaim(folder, PREFIX + UUID.randomUUID());
    String since = Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS).toString();
    byte[] content = Json.MAPPER.writeValueAsBytes(new Content(LifeSign.Holder.here(), since));
    try {
      claim.write("", out -> out.write(content));
      claim.check();
    } catch (IOException | RuntimeException e) {
      claim.close();
      throw e;
    }
    return claim;
  }

  private void check() throws IOException {
    Map<String, Long> times = new HashMap<>();
    for (MatchResult.Metadata file : FileListing.of(folder.location() + PREFIX + "*")) {
      times.put(String.valueOf(file.resourceId().getFilename()), file.lastModifiedMillis());
    }
    long mine = times.getOrDefault(name, Long.MIN_VALUE);
    for (Map.Entry<String, Long> other : times.entrySet()) {
      String claim = other.getKey();
      if (!claim.equals(name) && !claim.endsWith(ALIVE) && other.getValue() <= mine) {
        long sign = Math.max(other.getValue(), times.getOrDefault(claim + ALIVE, Long.MIN_VALUE));
        refuse(claim, sign < mine - PATIENCE.toMillis());
      }
    }
  }

  private void refuse(String other, boolean silent) throws IOException {
    @Nullable Content content = null;
    try (InputStream in = folder.open(other)) {
      content =
          Json.read(
              in,
              folder.location() + other,
              "Delete it.",
              json -> Json.MAPPER.treeToValue(json, Content.class));
    } catch (FileNotFoundException e) {
      return; // it is over
    } catch (DamagedFileException e) {
      // It is being written, or its process was killed while it wrote.
    }
    if (silent || (content != null && content.holder.isGoneFromHere())) {
      folder.delete(List.of(other, other + ALIVE));
      return;
    }
    throw new JobException(
        ExitCode.FAILED,
        "Another index is being written to %s, by %s. Let it finish, stop it, or give another folder. If that process is gone, wait for %d minutes, or delete %s%s."
            .formatted(
                folder.location(),
                content == null
                    ? "another process"
                    : "%s since %s".formatted(content.holder, content.since),
                PATIENCE.toMinutes(),
                folder.location(),
                other));
  }

  @Override
  public void close() throws IOException {
    sign.close();
    folder.delete(List.of(name, name + ALIVE));
  }
}
