package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
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
    assertRejectsOne("embed", "--model=" + model(), "--output=" + path("out"));
    run(0, "views", "--output=" + path("views.png"), "--imageSize=8", "--images=5");
    assertThat(RejectSummary.read(new BeamFileStore(path("")), "views").describe())
        .isEqualTo("1 rejected (1 too_large)");
  }

  private String model() {
    run(0, "train", "--model=" + path("model"), "--encoder=pixels", "--steps=0", "--imageSize=8");
    return path("model");
  }

  private void assertRejectsOne(String command, String... arguments) {
    List<String> strict = new ArrayList<>(List.of(arguments));
    strict.add("--maxRejects=0");
    assertThat(run(3, command, strict.toArray(String[]::new)).err())
        .contains("Rejected 1 of 5 images, more than --maxRejects=0 allows");
  }

  private CommandRun run(int exitCode, String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, "--runner=direct", "--maxPixels=64"));
    all.add("--input=" + path("photos"));
    all.addAll(List.of(arguments));
    if (command.equals("train")) {
      all.add("--maxRejects=1");
    }
    return CommandRun.expecting(exitCode, all.toArray(String[]::new));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
