package io.simclrbeam.transforms.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.transforms.remote.RemoteFiles;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.apache.beam.sdk.io.fs.MatchResult.Metadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FileListingTest {
  private static final List<String> NAMES =
      List.of("a/1.png", "a/2.jpg", "a/b/3.png", "a/[b]/4.png", "a/b*/c/5.png", "a.png", "6\n.png");

  @BeforeEach
  void clear() {
    RemoteFiles.clear();
    RemoteFiles.pageSize(2);
  }

  /** The tilde stands for a line break. */
  @ParameterizedTest
  @CsvSource({
    "**, a/1.png a/2.jpg a/b/3.png a/[b]/4.png a/b*/c/5.png a.png 6~.png",
    "*, a.png 6~.png",
    "a/*, a/1.png a/2.jpg",
    "a/*.png, a/1.png",
    "a/?.jpg, a/2.jpg",
    "a/[12].*, a/1.png a/2.jpg",
    "a/**.png, a/1.png a/b/3.png a/[b]/4.png a/b*/c/5.png",
    "x/*, ''"
  })
  void aPatternMeansWhatItMeansToBeam(String pattern, String expected) throws IOException {
    for (String name : NAMES) {
      RemoteFiles.putPaged("bucket/" + name, new byte[name.length()]);
    }
    RemoteFiles.putPaged("bucket/a/", new byte[0]); // as consoles of stores make folders
    List<Metadata> found = FileListing.of("paged://bucket/" + pattern);
    assertThat(found)
        .extracting(file -> file.resourceId().toString())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(expected.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(name -> "paged://bucket/" + name.replace('~', '\n'))
                .toList());
    assertThat(found).allMatch(file -> file.sizeBytes() > 0 && file.lastModifiedMillis() > 0);
  }

  @Test
  void pagesThatNobodyWantsAreNotAskedFor() throws IOException {
    for (int i = 0; i < 20; i++) {
      RemoteFiles.putPaged("bucket/x/%02d.png".formatted(i), new byte[1]);
    }
    List<String> found = new ArrayList<>();
    FileListing.visit(
        "paged://bucket/x/**",
        file -> {
          found.add(file.resourceId().getFilename());
          return found.size() < 3;
        });
    assertThat(found).containsExactly("00.png", "01.png", "02.png");
    assertThat(RemoteFiles.pages()).isEqualTo(2);
  }

  /** The slow and obvious way is to list the folder as a whole. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 20, 50, 1000})
  void eachFileOfASplitFolderIsFoundOnce(int pageSize) throws IOException {
    Random random = new Random(pageSize);
    for (int i = 0; i < 500; i++) {
      String folder = "d/".repeat(random.nextInt(3)) + "[%d]/".formatted(random.nextInt(3));
      RemoteFiles.putPaged("bucket/top/%s%d.png".formatted(folder, i), new byte[1]);
    }
    List<String> expected = new ArrayList<>();
    FileListing.visitFolder("paged://bucket/top/", file -> expected.add(file.toString()));
    RemoteFiles.pageSize(pageSize);

    List<String> found = new ArrayList<>();
    Deque<String> folders = new ArrayDeque<>(List.of("paged://bucket/top/"));
    int splits = 0;
    while (!folders.isEmpty()) {
      folders.addAll(FileListing.split(folders.remove(), file -> found.add(file.toString())));
      splits++;
    }

    assertThat(expected).hasSize(500);
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    if (pageSize < 20 || pageSize == 1000) {
      assertThat(splits).as("pages too small to tell, and one page for all").isEqualTo(1);
    } else {
      assertThat(splits).isGreaterThan(3);
    }
  }

  /** A request for each would be more requests than pages. */
  @Test
  void smallFoldersAreListedTogether() throws IOException {
    RemoteFiles.pageSize(100);
    for (int i = 0; i < 1000; i++) {
      RemoteFiles.putPaged("bucket/top/%03d/%d.png".formatted(i / 3, i), new byte[1]);
    }
    List<String> found = new ArrayList<>();
    assertThat(FileListing.split("paged://bucket/top/", file -> found.add(file.toString())))
        .isEmpty();
    assertThat(found).hasSize(1000).doesNotHaveDuplicates();
    assertThat(RemoteFiles.pages()).isEqualTo(10);
  }

  @Test
  void aStoreThatRefusesIsNamed() {
    assertThatThrownBy(() -> FileListing.of("paged://nowhere/x/**"))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("paged://nowhere/x/ cannot be read: there is no such bucket");
  }
}
