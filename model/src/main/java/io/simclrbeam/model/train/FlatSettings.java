package io.simclrbeam.model.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.storage.Json;
import java.util.Locale;
import java.util.Map;

/** Settings as files of format version 0 hold them: flat, in camel case. */
record FlatSettings(
    String encoder,
    double width,
    String stem,
    boolean zeroInitResidual,
    ExifOrientation exifOrientation,
    AugmentSettings views,
    int batchSize,
    long steps,
    long warmupSteps,
    double temperature,
    int projectionDim,
    int projectionLayers,
    String optimizer,
    boolean nesterov,
    double learningRate,
    double weightDecay,
    String precision,
    long seed) {

  static TrainingSettings read(JsonNode json) throws JsonProcessingException {
    return Json.MAPPER.treeToValue(snakeCase(json), FlatSettings.class).nested();
  }

  private static JsonNode snakeCase(JsonNode json) {
    if (!json.isObject()) {
      return json;
    }
    ObjectNode renamed = Json.MAPPER.createObjectNode();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      renamed.set(
          new PropertyNamingStrategies.SnakeCaseStrategy().translate(field.getKey()),
          snakeCase(field.getValue()));
    }
    return renamed;
  }

  private TrainingSettings nested() {
    return new TrainingSettings(
        network(),
        ProjectionHead.of(projectionDim, projectionLayers),
        new NtXent(temperature),
        rule(),
        new WarmupCosine(learningRate, warmupSteps),
        views,
        exifOrientation,
        batchSize,
        2,
        0,
        steps,
        Precision.of(precision),
        seed,
        null,
        0,
        SettingsVersion.V1);
  }

  private Encoder network() {
    return encoder.equals(Pixels.NAME)
        ? new Pixels()
        : new ResNet(
            ResNet.Depth.valueOf(encoder.toUpperCase(Locale.ROOT)),
            ResNet.Stem.valueOf(stem.toUpperCase(Locale.ROOT)),
            width,
            zeroInitResidual);
  }

  private Optimizer rule() {
    return switch (optimizer) {
      case "lars" -> Lars.of(weightDecay);
      case "adamw" -> AdamW.of(weightDecay);
      case "sgd" -> Sgd.of(weightDecay, nesterov);
      default -> throw new IllegalArgumentException("unknown optimizer " + optimizer);
    };
  }
}
