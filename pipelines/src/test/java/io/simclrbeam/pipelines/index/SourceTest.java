package io.simclrbeam.pipelines.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.images.RecordFields;
import java.util.List;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

  /** What is missing here is the listing's to say. */
  @Test
  void localInputsAreNotAskedFor() {
    assertThatNoException().isThrownBy(() -> source("no/such/folder").check());
  }

  private static Source source(String... inputs) {
    return new Source(List.of(inputs), RecordFields.AUTO, null);
  }
}
