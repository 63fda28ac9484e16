package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunFileTest {
  @TempDir private Path temporary;

  @Test
  void aFolderStaysWithItsRunAndEveryDifferenceIsNamed() throws IOException {
    Path images = Files.createDirectories(temporary.resolve("images"));
    try (var png = RunFileTest.class.getResourceAsStream("/one-pixel.png")) {
      Files.copy(png, images.resolve("a.png"));
    }
    BeamFileStore model = new BeamFileStore(temporary.resolve("model").toString());
    Pipeline pipeline = Pipeline.create();
    pipeline.apply(IndexImages.of(List.of(images.toString()), model.location()));
    pipeline.run().waitUntilFinish();
    Manifest manifest = Manifest.read(model);
    Source source = new Source(List.of(images.toString()), RecordFields.AUTO, null);
    AugmentSettings views = AugmentSettings.simclr(32);

    RunFile.claim(model, manifest, source, settings(views, 1));
    assertThatCode(() -> RunFile.claim(model, manifest, source, settings(views, 1)))
        .doesNotThrowAnyException();

    Source other = new Source(List.of("elsewhere"), RecordFields.AUTO, null);
    AugmentSettings sharper = views.withBlur(views.blur().withProbability(0.25));
    assertThatThrownBy(() -> RunFile.claim(model, manifest, other, settings(sharper, 2)))
        .isInstanceOf(JobException.class)
        .hasMessageContaining("input is [%s] there, but [elsewhere] is asked for".formatted(images))
        .hasMessageContaining("views.blur.probability is 0.0 there, but 0.25 is asked for")
        .hasMessageContaining("seed is 1 there, but 2 is asked for")
        .message()
        .hasLineCount(5);
  }

  private static TrainingSettings settings(AugmentSettings views, long seed) {
    return TestSettings.small().views(views).seed(seed).build();
  }
}
