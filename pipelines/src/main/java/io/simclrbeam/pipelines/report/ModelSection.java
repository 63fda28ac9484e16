package io.simclrbeam.pipelines.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.report.Report.Fact;
import io.simclrbeam.pipelines.report.Report.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a model is. */
final class ModelSection {
  private ModelSection() {}

  /**
   * Returns what is known of a model.
   *
   * @param card null while it is being trained
   */
  static Model of(TrainingSettings settings, @Nullable ModelCard card) {
    List<Fact> facts = new ArrayList<>();
    if (card == null) {
      facts.add(new Fact("state", "in training", "There is no model.json yet."));
    } else {
      facts.add(new Fact("id", card.id(), null));
      facts.add(new Fact("encoder", card.encoder(), null));
      facts.add(new Fact("input", "%1$d x %1$d pixels".formatted(card.imageSize()), null));
      facts.add(new Fact("embedding", "%,d numbers".formatted(card.dimension()), null));
      facts.add(
          new Fact(
              "trained",
              String.format(Locale.ROOT, "%,d steps, %.1f epochs", card.steps(), card.epochs()),
              null));
      if (card.imagesPerSecond() > 0) {
        facts.add(
            new Fact(
                "speed",
                String.format(Locale.ROOT, "%,.0f images/s", card.imagesPerSecond()),
                "median over the logged steps"));
      }
      facts.add(new Fact("made at", card.createdAt(), null));
      facts.add(new Fact("images", card.manifestSha256(), "SHA-256 of their manifest"));
    }
    List<Fact> flat = new ArrayList<>();
    flatten("", Json.MAPPER.valueToTree(settings), flat);
    return new Model(List.copyOf(facts), List.copyOf(flat));
  }

  private static void flatten(String name, JsonNode json, List<Fact> facts) {
    if (!json.isObject()) {
      facts.add(new Fact(name, json.isTextual() ? json.textValue() : json.toString(), null));
      return;
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      flatten(
          name.isEmpty() ? field.getKey() : name + "." + field.getKey(), field.getValue(), facts);
    }
  }
}
