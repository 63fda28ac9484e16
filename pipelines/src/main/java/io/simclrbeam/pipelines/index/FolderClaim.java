package io.simclrbeam.pipelines.index;

import io.simclrbeam.model.storage.DamagedFileException;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.storage.LifeSign;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;

/**
 * The right to write an index or its tar files into a folder, until this is closed. It is a hidden
 * file there. Of two processes at once, the one whose file is older by the storage's clock has the
 * right; none has it if both are of the same time. So it is never with both: each writes its file
 * before it looks for others.
 */
final class FolderClaim implements AutoCloseable {
  private static final String PREFIX = ".simclr-indexes-";

  private final BeamFileStore folder;
  private final String name;

  /**
   * What the file holds, for people.
   *
   * @param holder who wrote it
   * @param since when, by the clock of that machine
   */
  private record Content(LifeSign.Holder holder, String since) {
    /** Returns whether the process was on this machine and is gone. */
    boolean isOver() {
      return holder.host().equals(LifeSign.Holder.here().host())
          && ProcessHandle.of(holder.process()).isEmpty();
    }
  }

  private FolderClaim(BeamFileStore folder, String name) {
    this.folder = folder;
    this.name = name;
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
    // Not under another name first: it must be seen from its time on.
    BeamFiles.write(
        FileSystems.matchNewResource(folder.location() + claim.name, false),
        "application/octet-stream",
        out -> out.write(content));
    try {
      claim.check();
    } catch (IOException | RuntimeException e) {
      claim.close();
      throw e;
    }
    return claim;
  }

  private void check() throws IOException {
    List<MatchResult.Metadata> claims = BeamFiles.list(folder.location() + PREFIX + "*");
    long mine = Long.MIN_VALUE;
    for (MatchResult.Metadata claim : claims) {
      mine = isMine(claim) ? claim.lastModifiedMillis() : mine;
    }
    for (MatchResult.Metadata claim : claims) {
      if (!isMine(claim) && claim.lastModifiedMillis() <= mine) {
        refuse(String.valueOf(claim.resourceId().getFilename()));
      }
    }
  }

  private boolean isMine(MatchResult.Metadata claim) {
    return name.equals(claim.resourceId().getFilename());
  }

  private void refuse(String other) throws IOException {
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
    if (content != null && content.isOver()) {
      folder.delete(List.of(other));
      return;
    }
    throw new JobException(
        ExitCode.FAILED,
        "Another index is being written to %s, by %s. Let it finish, stop it, or give another folder. If that process is gone, delete %s%s."
            .formatted(
                folder.location(),
                content == null
                    ? "another process"
                    : "%s since %s".formatted(content.holder, content.since),
                folder.location(),
                other));
  }

  @Override
  public void close() throws IOException {
    folder.delete(List.of(name));
  }
}
