package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.TinyTransformer;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.loss.MeanDistance;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.optimizer.SignDescent;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.storage.Json;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class TrainingSettingsTest {
  static Stream<TrainingSettings> settings() {
    TrainingSettings small = TestSettings.small().build();
    return Stream.of(
        small,
        TrainingSettings.simclr(224).build(),
        small.toBuilder().encoder(new Pixels()).steps(0).build(),
        small.toBuilder().optimizer(Sgd.of(5e-4, true)).precision(Precision.BF16).build(),
        small.toBuilder()
            .encoder(new TinyTransformer(4, 8, 2))
            .loss(new MeanDistance(0.5))
            .optimizer(new SignDescent(0.9))
            .build());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void whatIsWrittenIsRead(TrainingSettings settings) throws JsonProcessingException {
    JsonNode json = Json.MAPPER.readTree(Json.PRETTY.writeValueAsString(settings));
    assertThat(TrainingSettings.read(json, 2)).isEqualTo(settings);
  }

  @Test
  void filesHoldTheNamesOfTypesInSnakeCase() {
    JsonNode json = Json.MAPPER.valueToTree(TestSettings.small().build());
    assertThat(json.path("encoder").toString())
        .isEqualTo(
            "{\"type\":\"resnet\",\"depth\":\"resnet18\",\"stem\":\"cifar\",\"width\":0.0625,"
                + "\"zero_init_residual\":true}");
    assertThat(json.path("loss").toString()).isEqualTo("{\"type\":\"ntxent\",\"temperature\":0.5}");
    assertThat(json.path("optimizer").path("type").asText()).isEqualTo("adamw");
    assertThat(json.path("views").path("flip_probability").asDouble()).isEqualTo(0.5);
    assertThat(json.path("exif_orientation").asText()).isEqualTo("ignore");
  }

  @Test
  void typesThatNobodyAnnouncedAreNotLoaded() {
    ObjectNode json = Json.MAPPER.valueToTree(TestSettings.small().build());
    ((ObjectNode) json.path("encoder")).put("type", "java.lang.Runtime");
    assertThatThrownBy(() -> TrainingSettings.read(json, 1))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("java.lang.Runtime")
        .hasMessageContaining("resnet");
  }

  @Test
  void aMissingSettingIsNamed() {
    ObjectNode json = Json.MAPPER.valueToTree(TestSettings.small().build());
    json.remove("batch_size");
    assertThatThrownBy(() -> TrainingSettings.read(json, 1))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("batch_size");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    TrainingSettings.Builder wrong =
        TestSettings.small().batchSize(1).steps(-1).precision(Precision.INT8);
    assertThatIllegalArgumentException()
        .isThrownBy(wrong::build)
        .withMessage(
            "batch size must be at least 2, but is 1; steps must be at least 0, but are -1;"
                + " nothing can be trained in int8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Lars(2, -1, 0, false))
        .withMessageContainingAll("momentum", "weight decay", "trust coefficient");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AdamW(1, -1, 0, -1))
        .withMessageContainingAll("beta1", "beta2", "epsilon", "weight decay");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WarmupCosine(0, -1))
        .withMessageContainingAll("learning rate", "warmup");
  }

  /** As in files that were written before there was a choice. */
  @Test
  void whatALaterVersionAddedIsOff() throws JsonProcessingException {
    TrainingSettings settings = TrainingSettings.simclr(32).build();
    ObjectNode json = Json.MAPPER.valueToTree(settings);
    assertThat(((ObjectNode) json.path("optimizer")).remove("clipped").asBoolean()).isFalse();
    assertThat(((ObjectNode) json.path("head")).remove("hidden").asInt()).isZero();
    assertThat(TrainingSettings.read(json, 2)).isEqualTo(settings);
  }

  /** As in files of version 1. */
  @Test
  void settingsThatDoNotSayTheirVersionAreOfTheFirst() throws JsonProcessingException {
    TrainingSettings settings = TestSettings.small().build();
    ObjectNode json = Json.MAPPER.valueToTree(settings);
    assertThat(json.remove("version").asText()).isEqualTo("v2");
    assertThat(TrainingSettings.read(json, 1))
        .isEqualTo(settings.toBuilder().version(SettingsVersion.V1).build());
  }

  /** As written before files had a version. */
  @Test
  void flatSettingsOfOldFilesAreRead() throws JsonProcessingException {
    String old =
        """
        {"encoder": "resnet18", "width": 0.0625, "stem": "cifar", "zeroInitResidual": true,
         "exifOrientation": "APPLY",
         "views": {"size": 16, "crop": {"minArea": 0.08, "maxArea": 1.0, "minAspect": 0.75,
           "maxAspect": 1.3333333333333333}, "interpolation": "BILINEAR", "flipProbability": 0.5,
           "jitter": {"probability": 0.8, "brightness": 0.4, "contrast": 0.4, "saturation": 0.4,
             "hue": 0.1}, "grayscaleProbability": 0.2, "blur": {"probability": 0.0,
             "minSigma": 0.1, "maxSigma": 2.0, "kernelSize": 3}},
         "batchSize": 6, "steps": 7, "warmupSteps": 1, "temperature": 0.5, "projectionDim": 8,
         "projectionLayers": 2, "optimizer": "adamw", "nesterov": false, "learningRate": 0.001,
         "weightDecay": 1.0E-4, "precision": "fp32", "seed": 3}
        """;
    JsonNode json = Json.MAPPER.readTree(old);
    assertThat(TrainingSettings.read(json, 0))
        .usingRecursiveComparison()
        .ignoringFields("views")
        .isEqualTo(
            TestSettings.small()
                .exifOrientation(ExifOrientation.APPLY)
                .version(SettingsVersion.V1)
                .build());
    assertThat(TrainingSettings.read(json, 0).views().crop())
        .isEqualTo(AugmentSettings.simclr(16).crop());
    ((ObjectNode) json).put("encoder", "pixels").put("optimizer", "lars");
    assertThat(TrainingSettings.read(json, 0).encoder()).isEqualTo(new Pixels());
    assertThat(TrainingSettings.read(json, 0).optimizer()).isEqualTo(Lars.of(1e-4));
  }
}
