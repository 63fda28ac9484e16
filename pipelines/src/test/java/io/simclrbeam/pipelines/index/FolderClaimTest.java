package io.simclrbeam.pipelines.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.cli.CommandRun;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.LifeSign;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderClaimTest {
  @TempDir private Path temporary;

  private BeamFileStore folder() {
    return new BeamFileStore(temporary.resolve("folder").toString());
  }

  /** Writes the claim of another process, from a minute ago. */
  private Path claim(String content) throws IOException {
    Path file = temporary.resolve("folder/.simclr-indexes-1");
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return setAge(file, Duration.ofMinutes(1));
  }

  private static Path setAge(Path file, Duration age) throws IOException {
    return Files.setLastModifiedTime(file, FileTime.from(Clock.systemUTC().instant().minus(age)));
  }

  @Test
  void isOverWithoutSignsOfLife() throws IOException {
    Path left = setAge(claim(content("elsewhere", 7)), Duration.ofHours(2));
    Path sign = Files.createFile(left.resolveSibling(left.getFileName() + ".alive"));
    setAge(sign, Duration.ofMinutes(3));
    assertThatThrownBy(() -> FolderClaim.of(folder()))
        .hasMessageContaining("by process 7 on elsewhere since noon");
    setAge(sign, Duration.ofMinutes(7));
    FolderClaim.of(folder()).close();
    assertThat(files()).isEmpty();
  }

  private static String content(String host, long process) {
    return "{\"holder\":{\"host\":\"%s\",\"process\":%d},\"since\":\"noon\"}"
        .formatted(host, process);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(temporary.resolve("folder"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void isForOneAtATime() throws Exception {
    try (FolderClaim first = FolderClaim.of(folder())) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> FolderClaim.of(folder()))
          .isInstanceOf(JobException.class)
          .hasMessageContaining(LifeSign.Holder.here().toString())
          .hasMessageContaining("Let it finish, stop it, or give another folder")
          .hasMessageEndingWith("or delete " + folder().location() + files().get(0) + ".");
      assertThat(files()).hasSize(1);
    }
    FolderClaim.of(folder()).close();
    assertThat(files()).isEmpty();
  }

  @Test
  void isNeverWithTwoOfThoseThatAskAtOnce() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    IntStream.range(0, 200)
        .parallel()
        .forEach(
            i -> {
              try (FolderClaim claim = FolderClaim.of(folder())) {
                assertThat(claim).isNotNull();
                most.accumulateAndGet(holders.incrementAndGet(), Math::max);
                holders.decrementAndGet();
              } catch (JobException e) {
                // another one has it
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(most.get()).isEqualTo(1);
    assertThat(files()).isEmpty();
  }

  @Test
  void isOverWithItsProcess() throws Exception {
    ForkedJvm other = ForkedJvm.run(IndexProcess.class, Map.of());
    Path left = claim(content(LifeSign.Holder.here().host(), Long.parseLong(other.output())));
    FolderClaim.of(folder()).close();
    assertThat(left).doesNotExist();
    claim(content("elsewhere", Long.parseLong(other.output())));
    assertThatThrownBy(() -> FolderClaim.of(folder()))
        .hasMessageContaining("by process %s on elsewhere since noon", other.output());
  }

  /** Says which process it is. */
  static final class IndexProcess {
    private IndexProcess() {}

    public static void main(String[] arguments) {
      System.out.print(ProcessHandle.current().pid());
    }
  }

  @Test
  void mayBeHalfWritten() throws Exception {
    claim("{\"hol");
    assertThatThrownBy(() -> FolderClaim.of(folder())).hasMessageContaining("by another process");
  }

  /** Whether the folder is that of the manifest, of the tar files or of both. */
  @Test
  void anIndexThatComesSecondSaysWhatToDo() throws Exception {
    Path images = temporary.resolve("images");
    Files.createDirectories(images);
    Files.write(images.resolve("a.png"), Png.encode(SampleImages.draw(0, 0, 16, 1)));
    claim(content("elsewhere", 7));
    for (List<String> options :
        List.of(
            List.of("--output=folder"),
            List.of("--output=other", "--pack=folder"),
            List.of("--output=folder", "--pack=./folder/"))) {
      CommandRun run = index(images, options);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err().lines())
          .hasSize(1)
          .first()
          .asString()
          .contains("folder/, by process 7 on elsewhere since noon. Let it finish");
    }
    assertThat(files()).containsExactly(".simclr-indexes-1");
    Files.delete(temporary.resolve("folder/.simclr-indexes-1"));
    CommandRun run = index(images, List.of("--output=folder", "--pack=./folder/"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(files())
        .contains("manifest.avro", "pack-00000-of-00001.tar")
        .noneMatch(name -> name.startsWith("."));
  }

  private CommandRun index(Path images, List<String> options) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("index", "--runner=direct", "--input=" + images),
                options.stream()
                    .map(option -> option.replace("=", "=" + temporary.toAbsolutePath() + "/")))
            .toArray(String[]::new));
  }
}
