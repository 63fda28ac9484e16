package io.simclrbeam.model.storage;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of all files: names in snake_case, constants in lower case; fields that a reader does
 * not know are ignored; a field that is missing has the default that its record declares as
 * {@code @JsonProperty(defaultValue = "...")}, or else is an error.
 */
public final class Json {
  /** Reads, and writes on one line. */
  public static final ObjectMapper MAPPER = mapper();

  /** Writes for people, on many lines. */
  public static final ObjectWriter PRETTY = MAPPER.writer(SerializationFeature.INDENT_OUTPUT);

  /** What comes after the object is damage as well. */
  private static final ObjectReader WHOLE =
      MAPPER.reader(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final int MOST_SHOWN = 60;

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
   * Makes a value of the JSON object that a file holds.
   *
   * @param <T> type of the value
   */
  public interface Reader<T> {
    /** Returns the value. */
    T read(ObjectNode json) throws JsonProcessingException;
  }

  /**
   * Reads a file that carries a version.
   *
   * @param file where it is, for messages
   * @param cure what to do if it is damaged: one sentence or more
   * @throws DamagedFileException if it holds no JSON object, or not what the reader needs
   * @throws NewerFormatException if it has a version that this program does not know
   */
  public static <T> T read(
      FileKind kind, InputStream in, String file, String cure, Reader<T> reader)
      throws IOException {
    return read(
        in,
        file,
        cure,
        json -> {
          kind.check(json.path(FileKind.FIELD).asInt(0), file);
          return reader.read(json);
        });
  }

  /** Reads a file that carries no version, likewise. */
  public static <T> T read(InputStream in, String file, String cure, Reader<T> reader)
      throws IOException {
    byte[] bytes = in.readAllBytes();
    JsonNode json;
    try {
      json = WHOLE.readTree(bytes);
    } catch (IOException e) { // Jackson's, or that the bytes are no text
      throw new DamagedFileException(file, unreadable(e), cure, e);
    }
    if (!(json instanceof ObjectNode object)) {
      String problem = json.isMissingNode() ? "it is empty" : "it holds no JSON object";
      throw new DamagedFileException(file, problem, cure, null);
    }
    T value;
    try {
      value = reader.read(object);
    } catch (JsonProcessingException e) {
      throw new DamagedFileException(file, unusable(object, e), cure, e);
    }
    @Nullable String missing = missing("", value);
    if (missing != null) {
      throw new DamagedFileException(file, "it lacks " + missing, cure, null);
    }
    return value;
  }

  private static String unreadable(IOException e) {
    if (e instanceof JsonProcessingException json && json.getLocation() != null) {
      int line = json.getLocation().getLineNr();
      return e instanceof JsonEOFException
          ? "it ends too early, in line " + line
          : "it is no JSON at line %d, column %d".formatted(line, json.getLocation().getColumnNr());
    }
    return "it is no text in UTF-8";
  }

  /** Says which field is wrong, and what it holds. */
  private static String unusable(JsonNode json, JsonProcessingException e) {
    StringBuilder field = new StringBuilder();
    JsonNode value = json;
    if (e instanceof JsonMappingException mapping) {
      for (JsonMappingException.Reference step : mapping.getPath()) {
        @Nullable String name = step.getFieldName();
        if (name == null) {
          field.append('[').append(step.getIndex()).append(']');
          value = value.path(step.getIndex());
        } else {
          field.append(field.isEmpty() ? "" : ".").append(name);
          value = value.path(name);
        }
      }
    }
    if (e instanceof ValueInstantiationException && e.getCause() != null) {
      return "%s%s%s".formatted(field, field.isEmpty() ? "" : ": ", e.getCause().getMessage());
    }
    if (value.isMissingNode()) {
      return "it lacks " + field;
    }
    String text = value.toString();
    String start = text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + " ..." : text;
    return field.isEmpty()
        ? "it holds something else: " + start
        : "%s is %s, which is not allowed there".formatted(field, start);
  }

  /**
   * Looks for what must not be null, as missing fields are: components of records that are not
   * {@code @Nullable}, and elements of lists.
   *
   * @return the field, as the file has it; null if all is there
   */
  private static @Nullable String missing(String field, @Nullable Object value) {
    if (value == null) {
      return field;
    }
    @Nullable String missing = null;
    if (value instanceof List<?> list) {
      for (int i = 0; i < list.size() && missing == null; i++) {
        missing = missing("%s[%d]".formatted(field, i), list.get(i));
      }
    } else if (value instanceof Record) {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        @Nullable Object part = part(value, component);
        if (missing == null
            && (part != null
                || !component.getAnnotatedType().isAnnotationPresent(Nullable.class))) {
          String name =
              PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(component.getName());
          missing = missing(field.isEmpty() ? name : field + "." + name, part);
        }
      }
    }
    return missing;
  }

  private static @Nullable Object part(Object value, RecordComponent component) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true); // the record may be private
      return accessor.invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
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
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .withCoercionConfig(
                LogicalType.Textual,
                texts ->
                    texts
                        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
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

    /** Records are written in the order of their components, whatever names these have in files. */
    @Override
    public String @Nullable [] findSerializationPropertyOrder(AnnotatedClass type) {
      return type.getRawType().isRecord()
          ? Stream.of(type.getRawType().getRecordComponents())
              .map(RecordComponent::getName)
              .toArray(String[]::new)
          : super.findSerializationPropertyOrder(type);
    }

    /** Constants of enums are written in lower case. */
    @Override
    public String[] findEnumValues(Class<?> type, Enum<?>[] constants, String[] names) {
      return Stream.of(constants)
          .map(constant -> constant.name().toLowerCase(Locale.ROOT))
          .toArray(String[]::new);
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
