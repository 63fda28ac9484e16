package io.simclrbeam.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.transforms.images.DrawImages;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.index.FilterManifest;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.index.ReadManifest;
import io.simclrbeam.transforms.rejects.WriteRejects;
import io.simclrbeam.transforms.views.DrawViews;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Transforms of images say what they do in a runner's pages, and check it where they are made. */
final class TransformsTest {
  private static final AugmentSettings VIEWS = AugmentSettings.simclr(32);

  static Stream<Arguments> displayed() {
    return Stream.of(
        Arguments.of(
            ListImages.in(List.of("a", "b"))
                .withFields(new RecordFields("jpeg", null))
                .withChunkSize(7),
            Map.of("inputs", "a, b", "imageField", "jpeg", "chunkSize", 7L)),
        Arguments.of(DrawImages.of(3, 5), Map.of("seed", 3L, "images", 5L)),
        Arguments.of(IndexImages.of(List.of("a"), "out"), Map.of("inputs", "a", "folder", "out")),
        Arguments.of(ReadManifest.in("m", 9), Map.of("folder", "m", "chunkSize", 9L)),
        Arguments.of(FilterManifest.of("m", "n"), Map.of("from", "m", "to", "n")),
        Arguments.of(WriteRejects.to("out", "index"), Map.of("folder", "out/", "job", "index")),
        Arguments.of(
            DrawViews.of(VIEWS, 1, 2, 3, "out/", "a.png"),
            Map.of("images", 2L, "pairs", 3L, "viewSize", 32L, "seed", 1L, "file", "out/a.png")));
  }

  @ParameterizedTest
  @MethodSource("displayed")
  void showsWhatItDoes(PTransform<?, ?> transform, Map<String, Object> expected) {
    assertThat(
            DisplayData.from(transform).asMap().values().stream()
                .collect(Collectors.toMap(DisplayData.Item::getKey, DisplayData.Item::getValue)))
        .isEqualTo(expected);
  }

  static Stream<ThrowingCallable> wrong() {
    return Stream.of(
        () -> ListImages.in(List.of()),
        () -> ListImages.in(List.of("a", " ")),
        () -> ListImages.in(List.of("a")).withChunkSize(0),
        () -> DrawImages.of(3, 0),
        () -> IndexImages.of(List.of(), "out"),
        () -> IndexImages.of(List.of("a"), ""),
        () -> ReadManifest.in("", 1),
        () -> ReadManifest.in("m", 0),
        () -> FilterManifest.of("m", "m"),
        () -> FilterManifest.of("", "m"),
        () -> WriteRejects.to("", "index"),
        () -> WriteRejects.to("out", ""),
        () -> DrawViews.of(VIEWS, 1, 0, 3, "out/", "a.png"),
        () -> DrawViews.of(VIEWS, 1, 2, 0, "out/", "a.png"),
        () -> DrawViews.of(VIEWS, 1, 2, 3, "out/", ""),
        () -> DrawViews.of(VIEWS, 1, 2, 3, "out/", "a.gif"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void isCheckedWhereItIsMade(ThrowingCallable making) {
    assertThatThrownBy(making).isInstanceOf(IllegalArgumentException.class);
  }
}
