package io.simclrbeam.runners.dataflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.pipelines.runner.CommandDescription;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A flex template of Dataflow, as its service reads it ({@code ContainerSpec} of its API, v1b3).
 *
 * @param image container image of the launcher
 * @param sdk of Beam
 * @param metadata what people see of it
 */
record FlexTemplate(
    @JsonProperty("image") String image,
    @JsonProperty("sdkInfo") Map<String, String> sdk,
    @JsonProperty("metadata") Metadata metadata) {

  private record Metadata(
      @JsonProperty("name") String name,
      @JsonProperty("description") String description,
      @JsonProperty("parameters") List<Parameter> parameters) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Parameter(
      @JsonProperty("name") String name,
      @JsonProperty("label") String label,
      @JsonProperty("helpText") String help,
      @JsonProperty("isOptional") boolean optional,
      @JsonProperty("defaultValue") @Nullable String defaultValue) {}

  /** Describes a command of a program in Java. */
  static FlexTemplate of(String image, CommandDescription command) {
    List<Parameter> parameters =
        command.options().stream()
            .map(
                option ->
                    new Parameter(
                        option.name(),
                        option.label(),
                        option.help(),
                        !option.required(),
                        option.defaultValue()))
            .toList();
    return new FlexTemplate(
        image,
        Map.of("language", "JAVA"),
        new Metadata(command.name(), command.help(), parameters));
  }

  byte[] json() {
    try {
      return Json.PRETTY.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are always JSON", e);
    }
  }
}
