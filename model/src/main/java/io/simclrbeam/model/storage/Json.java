package io.simclrbeam.model.storage;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of all files: names in snake_case; fields that a reader does not know are ignored; a
 * field that is missing has the default that its record declares as
 * {@code @JsonProperty(defaultValue = "...")}, or else is an error.
 */
public final class Json {
  /** Reads, and writes on one line. */
  public static final ObjectMapper MAPPER = mapper();

  /** Writes for people, on many lines. */
  public static final ObjectWriter PRETTY = MAPPER.writer(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  /**
   * A service that names types of other modules which may stand in files, such as an encoder: each
   * with the name that its {@code @JsonTypeName} says. Files name types by these names only, never
   * by classes.
   */
  public interface Types {
    /** Returns the types. */
    List<Class<?>> types();
  }

  /**
   * Reads a file that carries a version.
   *
   * @param file where it is, for messages
   * @throws NewerFormatException if it has a version that this program does not know
   */
  public static JsonNode read(FileKind kind, InputStream in, String file) throws IOException {
    JsonNode json = MAPPER.readTree(in);
    kind.check(json.path(FileKind.FIELD).asInt(0), file);
    return json;
  }

  /** Returns the JSON of a file that carries a version, which is the first field. */
  public static ObjectNode withVersion(FileKind kind, Object value) {
    ObjectNode json = MAPPER.createObjectNode().put(FileKind.FIELD, kind.version());
    json.setAll((ObjectNode) MAPPER.valueToTree(value));
    return json;
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .annotationIntrospector(new DeclaredDefaults())
            .build();
    for (Types types : ServiceLoader.load(Types.class, Json.class.getClassLoader())) {
      mapper.registerSubtypes(types.types());
    }
    return mapper;
  }

  /** Gives constructor parameters that are missing the default that their annotation declares. */
  private static final class DeclaredDefaults extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Object findDeserializer(Annotated annotated) {
      @Nullable JsonProperty property = annotated.getAnnotation(JsonProperty.class);
      return annotated instanceof AnnotatedParameter
              && property != null
              && !property.defaultValue().isEmpty()
          ? new WithDefault(annotated.getType(), property.defaultValue())
          : super.findDeserializer(annotated);
    }
  }

  private static final class WithDefault extends JsonDeserializer<Object> {
    private final JavaType type;
    private final TextNode value;

    WithDefault(JavaType type, String value) {
      this.type = type;
      this.value = TextNode.valueOf(value);
    }

    @Override
    public Object deserialize(JsonParser json, DeserializationContext context) throws IOException {
      return context.readValue(json, type);
    }

    @Override
    public Object getAbsentValue(DeserializationContext context) {
      return MAPPER.convertValue(value, type);
    }
  }
}
