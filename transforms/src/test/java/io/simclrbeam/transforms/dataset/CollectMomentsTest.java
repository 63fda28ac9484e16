package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.DirectPipeline;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;

final class CollectMomentsTest {
  /** Enough for several slices, and for no element of a megabyte. */
  private static final int DIMENSION = 300;

  @Test
  void areThoseOfAllEmbeddings() {
    SeededRandom random = SeededRandom.of(1);
    List<Embedding> embeddings = new ArrayList<>();
    Moments all = new Moments(DIMENSION);
    for (int n = 0; n < 50; n++) {
      float[] vector = new float[DIMENSION];
      for (int i = 0; i < DIMENSION; i++) {
        vector[i] = (float) random.nextDouble();
      }
      all.add(vector);
      embeddings.add(embedding(n, vector));
    }
    double rankMe = all.rankMe();
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(pipeline.apply(Create.of(embeddings)).apply(CollectMoments.ofDimension(DIMENSION)))
        .satisfies(
            parts -> {
              Moments moments = new Moments(DIMENSION);
              int slices = 0;
              for (var part : parts) {
                moments.merge(part);
                slices++;
              }
              assertThat(slices).isEqualTo(3);
              assertThat(moments.count()).isEqualTo(50);
              assertThat(moments.rankMe()).isCloseTo(rankMe, within(1e-6));
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  private static Embedding embedding(int number, float[] vector) {
    return Embedding.builder()
        .setId(number + ".png")
        .setUri("/images/" + number + ".png")
        .setContentSha256("sha")
        .setWidth(8)
        .setHeight(8)
        .setModelId("0123456789ab")
        .setEmbeddedAt(Instant.EPOCH)
        .setVector(vector)
        .build();
  }
}
