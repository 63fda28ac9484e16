package io.simclrbeam.pipelines.template;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A flex template of Dataflow, as its service reads it ({@code ContainerSpec} of its API, v1b3).
 *
 * @param image container image of the launcher
 * @param sdk of Beam
 * @param metadata what it takes
 */
public record FlexTemplate(
    @JsonProperty("image") String image,
    @JsonProperty("sdkInfo") Map<String, String> sdk,
    @JsonProperty("metadata") Metadata metadata) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * What people see of it.
   *
   * @param name for people
   * @param description of what it does
   * @param parameters that it takes
   */
  public record Metadata(
      @JsonProperty("name") String name,
      @JsonProperty("description") String description,
      @JsonProperty("parameters") List<Parameter> parameters) {}

  /**
   * An option of the command.
   *
   * @param name without dashes
   * @param label for people
   * @param help what it is for
   * @param optional whether it may be left out
   * @param defaultValue then; null if there is none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Parameter(
      @JsonProperty("name") String name,
      @JsonProperty("label") String label,
      @JsonProperty("helpText") String help,
      @JsonProperty("isOptional") boolean optional,
      @JsonProperty("defaultValue") @Nullable String defaultValue) {}

  /** Describes a template of a program in Java. */
  public static FlexTemplate of(String image, Metadata metadata) {
    return new FlexTemplate(image, Map.of("language", "JAVA"), metadata);
  }

  /**
   * Writes it to a file, over an earlier one.
   *
   * @param path local, or on any file system that Beam reaches
   */
  public void write(String path) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(this);
    int name = path.lastIndexOf('/') + 1;
    BeamFileStore folder = new BeamFileStore(name == 0 ? "." : path.substring(0, name));
    folder.write(path.substring(name), out -> out.write(bytes));
  }
}
