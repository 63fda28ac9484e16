package io.simclrbeam.model.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run of {@link DecoderFuzz}. */
@ParameterizedClass
@EnumSource(Library.class)
class DecoderFuzzTest {
  private static final int IMAGES = 150;

  private final DecoderFuzz fuzz;

  DecoderFuzzTest(Library library) {
    fuzz = new DecoderFuzz(library);
  }

  private static Set<String> kinds() {
    return DecoderFuzz.KINDS.keySet();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void damagedImagesAreDecodedOrRejected(String kind) throws Exception {
    for (int i = 0; i < IMAGES; i++) {
      fuzz.decodeDamaged(kind, 10, i);
    }
    assertThat(fuzz.failures()).isEmpty();
    assertThat(fuzz.outcomes()).containsKeys("decoded", "truncated");
    assertThat(fuzz.outcomes().values().stream().mapToInt(i -> i).sum()).isEqualTo(IMAGES);
  }
}
