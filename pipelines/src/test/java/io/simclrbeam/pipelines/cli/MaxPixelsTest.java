package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limit of a picture's size, which holds wherever images are read for the first time. */
final class MaxPixelsTest {
  @TempDir private Path folder;

  @Test
  void everyCommandRejectsLargerPictures() throws IOException {
    CommandRun.expecting(0, "sample", "--output=" + path("photos"), "--images=4", "--size=8");
    CommandRun.expecting(0, "sample", "--output=" + path("photos/large"), "--images=1", "--size=9");

    assertRejectsOne("index", "--output=" + path("index"));
    assertRejectsOne("views", "--output=" + path("views.png"), "--imageSize=8", "--images=5");
    assertRejectsOne(
        "train", "--model=" + path("model"), "--encoder=pixels", "--steps=0", "--imageSize=8");
    assertRejectsOne("embed", "--model=" + path("model"), "--output=" + path("out"));
    assertThat(Files.exists(folder.resolve("views.png"))).isTrue();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void assertRejectsOne(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, "--runner=direct", "--maxPixels=64"));
    all.add("--input=" + path("photos"));
    all.addAll(List.of(arguments));
    if (!command.equals("views")) {
      all.add("--maxRejects=1");
    }
    assertThat(CommandRun.expecting(0, all.toArray(String[]::new)).err())
        .as(command)
        .containsPattern("too_large +1 .*9 x 9 is more than 64 pixels");
  }
}
