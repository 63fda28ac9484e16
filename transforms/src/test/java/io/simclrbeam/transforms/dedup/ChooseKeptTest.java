package io.simclrbeam.transforms.dedup;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingCoder;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.junit.jupiter.api.Test;

final class ChooseKeptTest {
  /** Three different vectors of two numbers, one of them three times. */
  private static final List<Embedding> IMAGES =
      new PlantedImages(2, 1).add(1, 0).add(1, 0).add(1, 0).add(1, 0.1f).add(1, 0.2f).images();

  private static Pipeline choosing(int mostNumbers) {
    Pipeline pipeline = DirectPipeline.checked();
    PCollection<KV<String, String>> components =
        pipeline.apply(
            "Components",
            Create.of(IMAGES.stream().map(image -> KV.of(image.id(), "image-0000")).toList()));
    PCollectionTuple chosen =
        pipeline
            .apply(Create.of(IMAGES).withCoder(EmbeddingCoder.of()))
            .apply(ChooseKept.of(0.9, components).withMost(mostNumbers));
    PAssert.that(chosen.get(ChooseKept.GROUPS).apply(Count.globally())).containsInAnyOrder(5L);
    return pipeline;
  }

  @Test
  void equalVectorsTakeMemoryOnce() {
    choosing(6).run().waitUntilFinish();
  }

  @Test
  void aComponentThatIsTooLargeIsNoGroup() {
    assertThatThrownBy(() -> choosing(5).run().waitUntilFinish())
        .hasRootCauseInstanceOf(UnusableEmbeddingsException.class)
        .hasMessageContaining("more than 2 different images are linked")
        .hasMessageContaining("raise the threshold");
  }
}
