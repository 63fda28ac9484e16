package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.images.ImageFilter;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunFileTest {
  @TempDir private Path temporary;
  private String images;
  private BeamFileStore model;
  private Manifest manifest;
  private Source source;

  @BeforeEach
  void index() throws IOException {
    images = temporary.resolve("images").toString();
    model = new BeamFileStore(temporary.resolve("model").toString());
    Files.createDirectories(Path.of(images));
    try (var png = RunFileTest.class.getResourceAsStream("/one-pixel.png")) {
      Files.copy(png, Path.of(images, "a.png"));
    }
    Pipeline pipeline = Pipeline.create();
    pipeline.apply(IndexImages.of(List.of(images), model.location()));
    pipeline.run().waitUntilFinish();
    manifest = Manifest.read(model);
    source =
        new Source(
            List.of(images),
            RecordFields.AUTO,
            ImageFilter.ALL,
            ImageDecoder.MAX_STORED_PIXELS,
            null);
  }

  @Test
  void aFolderStaysWithItsRunAndEveryDifferenceIsNamed() throws IOException {
    AugmentSettings views = AugmentSettings.simclr(32);

    RunFile.claim(model, manifest, source, settings(views, 1), null);
    assertThatCode(() -> RunFile.claim(model, manifest, source, settings(views, 1), null))
        .doesNotThrowAnyException();

    Source other =
        new Source(
            List.of("elsewhere"),
            RecordFields.AUTO,
            ImageFilter.ALL,
            ImageDecoder.MAX_STORED_PIXELS,
            null);
    AugmentSettings sharper = views.withBlur(views.blur().withProbability(0.25));
    assertThatThrownBy(() -> RunFile.claim(model, manifest, other, settings(sharper, 2), null))
        .isInstanceOf(JobException.class)
        .hasMessageContaining(
            "input is [%s] there, but [%s] is asked for"
                .formatted(images, Path.of("elsewhere").toAbsolutePath()))
        .hasMessageContaining("views.blur.probability is 0.0 there, but 0.25 is asked for")
        .hasMessageContaining("seed is 1 there, but 2 is asked for")
        .message()
        .hasLineCount(5);
  }

  @Test
  void aFolderIsTheSameFromAnotherWorkingFolder() throws IOException {
    Path relative = Path.of("").toAbsolutePath().relativize(Path.of(images));
    Source same =
        new Source(
            List.of("./" + relative + "/"),
            RecordFields.AUTO,
            ImageFilter.ALL,
            ImageDecoder.MAX_STORED_PIXELS,
            null);
    RunFile.claim(model, manifest, same, settings(AugmentSettings.simclr(32), 1), null);
    assertThat(manifest.inputs()).containsExactly(images);

    BeamFileStore other = new BeamFileStore(temporary.resolve("other").toString());
    Pipeline pipeline = Pipeline.create();
    pipeline.apply(IndexImages.of(same.inputs(), other.location()));
    pipeline.run().waitUntilFinish();
    assertThat(Manifest.read(other)).isEqualTo(manifest);
  }

  @Test
  void otherGlobsChooseOtherImages() {
    ImageFilter filter = new ImageFilter(List.of("*.png"), List.of("b"));
    Source some =
        new Source(
            List.of(images), RecordFields.AUTO, filter, ImageDecoder.MAX_STORED_PIXELS, null);
    assertThatThrownBy(
            () ->
                RunFile.claim(model, manifest, some, settings(AugmentSettings.simclr(32), 1), null))
        .hasMessageContaining(
            "input is [%1$s] there, but [%1$s, include=*.png, exclude=b] is asked for"
                .formatted(images));
  }

  @Test
  void aRunKeepsTheVersionThatItBeganWith() throws IOException {
    TrainingSettings settings = settings(AugmentSettings.simclr(32), 1);
    assertThat(RunFile.claim(model, manifest, source, settings, null)).isEqualTo(settings);
    assertThat(RunFile.claim(model, manifest, source, settings, null)).isEqualTo(settings);

    Path file = temporary.resolve("model/run.json");
    ObjectNode run = (ObjectNode) Json.MAPPER.readTree(file.toFile());
    assertThat(run.remove("version").asText()).isEqualTo("v2");
    Files.write(file, Json.MAPPER.writeValueAsBytes(run.put("format_version", 1)));
    assertThat(RunFile.claim(model, manifest, source, settings, null))
        .isEqualTo(settings.toBuilder().version(SettingsVersion.V1).build());
  }

  private static TrainingSettings settings(AugmentSettings views, long seed) {
    return TestSettings.small().views(views).seed(seed).build();
  }
}
