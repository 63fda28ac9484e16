package io.simclrbeam.pipelines.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.images.ImageFilter;
import io.simclrbeam.transforms.images.RecordFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceTest {
  @BeforeAll
  static void registerFileSystems() {
    FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
  }

  @ParameterizedTest
  @CsvSource({
    "down://photos, connection refused",
    "down://photos/, connection refused",
    "down://unchecked/*.jpg, no credentials"
  })
  void anInputThatCannotBeReachedEndsTheJobBeforeItsPipeline(String input, String why) {
    assertThatThrownBy(() -> source("images", input).check())
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNUSABLE_INPUT))
        .hasMessage(
            "--input=%s cannot be reached: %s. Check the address, the network, and the credentials that the file system's own tools use."
                .formatted(input, why));
  }

  @Test
  void ofALongReasonTheStartIsTold() {
    assertThatThrownBy(() -> source("down://wordy/photos").check())
        .hasMessageStartingWith(
            "--input=down://wordy/photos cannot be reached: connection refused!!")
        .hasMessageContaining("! .... Check")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
  }

  @Test
  void imagesThatCannotBeToldApartEndTheJobBeforeItsPipeline(@TempDir Path folder)
      throws IOException {
    for (String name : List.of("may/x.png", "june/x.png")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "x");
    }
    String may = folder + "/may";
    String june = folder + "/june";
    assertThatThrownBy(() -> source(may, june).check())
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("the id x.png: ")
        .hasMessageContaining(may + "/x.png")
        .hasMessageContaining(june + "/x.png");
    assertThatNoException().isThrownBy(() -> source(folder.toString(), june).check());
  }

  /** One of several may be lost: what the others have is not all. */
  @Test
  void everyInputMustMatchAFile(@TempDir Path folder) throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("a/b")).resolve("x.png"), "x");
    Files.createDirectory(folder.resolve("empty"));
    Files.writeString(folder.resolve("empty/.hidden"), "x");
    String full = folder + "/a";
    assertThatNoException()
        .isThrownBy(() -> source(full, full + "/", full + "/**.png", full + "/b/x.png").check());
    Map<String, String> states =
        Map.of(
            "/empty", " (a folder without images)",
            "/none", " (there is no %s/none)".formatted(folder),
            "/a/*.png", "",
            "/a/b/y.png", " (there is no %s/a/b/y.png)".formatted(folder),
            "/none/*", "");
    for (String none : states.keySet()) {
      assertThatThrownBy(() -> source(full, folder + none).check())
          .as(none)
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNUSABLE_INPUT))
          .hasMessageStartingWith(
              "No file matches --input=%s%s. Check the path"
                  .formatted(folder + none, states.get(none)));
    }
    assertThatThrownBy(() -> source(folder + "/x", full, folder + "/y").check())
        .hasMessageContaining(
            "--input=%1$s/x (there is no %1$s/x) or --input=%1$s/y (there is no %1$s/y). "
                .formatted(folder));
  }

  private static Source source(String... inputs) {
    return new Source(
        List.of(inputs), RecordFields.AUTO, ImageFilter.ALL, ImageDecoder.MAX_STORED_PIXELS, null);
  }
}
