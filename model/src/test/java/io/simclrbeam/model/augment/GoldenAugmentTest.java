package io.simclrbeam.model.augment;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RgbImage;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each operation against what torchvision 0.14 and PIL 9.4 made of the same picture. */
class GoldenAugmentTest {

  @TestFactory
  List<DynamicTest> operationsMatchTorchvision() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode golden : new ObjectMapper().readTree(resource("augment.json"))) {
      tests.add(DynamicTest.dynamicTest(golden.get("output").asText(), () -> check(golden)));
    }
    assertThat(tests).hasSize(36);
    return tests;
  }

  private static void check(JsonNode golden) throws Exception {
    RgbImage input = read(golden.get("input").asText());
    RgbImage expected = read(golden.get("output").asText());
    JsonNode params = golden.get("params");
    double factor = params.path("factor").asDouble();
    Planes planes = Pictures.planes(input);
    int levels = 0;
    switch (golden.get("op").asText()) {
      case "resized_crop" -> {
        int size = params.get("size").asInt();
        planes = new Planes(size, size);
        new Resampler(
                size,
                size,
                Interpolation.valueOf(
                    params.get("interpolation").asText().toUpperCase(Locale.ROOT)))
            .resize(
                input,
                new CropBox(
                    params.get("left").asInt(),
                    params.get("top").asInt(),
                    params.get("width").asInt(),
                    params.get("height").asInt()),
                false,
                planes);
        levels = 1;
      }
      case "hflip" ->
          new Resampler(input.width(), input.height(), Interpolation.BILINEAR)
              .resize(input, Pictures.whole(input), true, planes);
      case "brightness" -> new ColorOperations().brightness(planes, factor);
      case "contrast" -> new ColorOperations().contrast(planes, factor);
      case "saturation" -> {
        new ColorOperations().saturation(planes, factor);
        levels = 1;
      }
      case "hue" -> new HueShift().apply(planes, factor);
      case "grayscale" -> new ColorOperations().grayscale(planes);
      case "blur" -> {
        new GaussianBlur(input.width(), input.height(), params.get("kernel_size").asInt())
            .apply(planes, params.get("sigma").asDouble());
        levels = 1;
      }
      default -> throw new AssertionError(golden);
    }
    Pictures.assertWithin(levels, Pictures.image(planes), expected, golden.toString());
  }

  private static RgbImage read(String name) throws Exception {
    try (InputStream stream = resource(name)) {
      return new ImageDecoder(ExifOrientation.IGNORE).decode(stream.readAllBytes()).copy();
    }
  }

  private static InputStream resource(String name) {
    return requireNonNull(
        GoldenAugmentTest.class.getResourceAsStream("/golden/augment/" + name), name);
  }
}
