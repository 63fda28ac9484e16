package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StarsTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.8, 0.95, 0.999})
  void areThoseOfAPlainLoop(double threshold) {
    List<float[]> vectors = new RandomVectors(24, 14).clustered(700, 0.5);
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < vectors.size(); i++) {
      float[] vector = vectors.get(i);
      if (kept.stream().noneMatch(k -> similarity(vectors.get(k), vector) >= threshold)) {
        kept.add(i);
      }
    }

    Stars.Choice choice = Stars.choose(vectors, threshold);

    for (int i = 0; i < vectors.size(); i++) {
      int nearest = kept.get(0);
      for (int other : kept) {
        if (similarity(vectors.get(i), vectors.get(other))
            > similarity(vectors.get(i), vectors.get(nearest))) {
          nearest = other;
        }
      }
      assertThat(choice.kept(i)).isEqualTo(kept.contains(i));
      assertThat(choice.centers()[i]).isEqualTo(nearest);
      assertThat(choice.similarities()[i])
          .isEqualTo(similarity(vectors.get(i), vectors.get(nearest)))
          .isGreaterThanOrEqualTo(threshold);
    }
    assertThat(kept.size()).isBetween(150, 690);
  }

  @Test
  void aChainIsCutWhereItsEndIsNoLongerSimilar() {
    // Five directions ten degrees apart; similar are those at most ten degrees apart.
    List<float[]> chain = new ArrayList<>();
    for (int degrees = 0; degrees <= 40; degrees += 10) {
      double angle = Math.toRadians(degrees);
      chain.add(new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
    }

    Stars.Choice choice = Stars.choose(chain, Math.cos(Math.toRadians(10.1)));

    assertThat(choice.centers()).containsExactly(0, 0, 2, 2, 4);
  }

  @Test
  void belongsToTheMoreSimilarOfTwoEvenIfThatIsKeptLater() {
    List<float[]> vectors = List.of(at(0), at(9), at(14));

    Stars.Choice choice = Stars.choose(vectors, Math.cos(Math.toRadians(10)));

    assertThat(choice.centers()).containsExactly(0, 2, 2);
  }

  @Test
  void theThresholdItselfIsSimilar() {
    List<float[]> vectors = List.of(at(0), at(10));
    double similarity = similarity(at(0), at(10));

    assertThat(Stars.choose(vectors, similarity).centers()).containsExactly(0, 0);
    assertThat(Stars.choose(vectors, Math.nextUp(similarity)).centers()).containsExactly(0, 1);
  }

  @Test
  void equalVectorsBelongToTheFirst() {
    Stars.Choice choice = Stars.choose(List.of(at(3), at(3), at(3)), 1);

    assertThat(choice.centers()).containsExactly(0, 0, 0);
    assertThat(choice.similarities()).containsExactly(1, 1, 1);
  }

  private static float[] at(double degrees) {
    double angle = Math.toRadians(degrees);
    return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
  }

  private static double similarity(float[] a, float[] b) {
    return Cosine.similarity(a, b);
  }
}
