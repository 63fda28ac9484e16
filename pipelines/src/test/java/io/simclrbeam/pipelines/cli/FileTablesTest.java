package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.simclrbeam.model.storage.Json;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keeps the tables of files in docs/reference.md: names and types are those of the code, and the
 * meanings are those that somebody wrote into the page.
 */
class FileTablesTest {
  private static final String PREFIX = "fields of ";
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[^|]*) \\| [^|]* \\| (.*) \\|$");
  private static final Pattern SCHEMA =
      Pattern.compile("(?m)^package ([\\w.]+);|static final Schema (\\w+) =");

  /** A field's name, as code, and its type. */
  private record Row(String name, String type) {}

  static Stream<Arguments> tables() throws IOException {
    return GeneratedPart.names().stream()
        .filter(part -> part.startsWith(PREFIX))
        .map(part -> argumentSet(part, part));
  }

  @ParameterizedTest
  @MethodSource("tables")
  void aTableHasTheFieldsOfTheCode(String name) throws Exception {
    GeneratedPart part = new GeneratedPart(name);
    Map<String, String> meanings = new HashMap<>();
    ROW.matcher(part.text()).results().forEach(row -> meanings.put(row.group(1), row.group(2)));

    List<Row> rows = rows(name.substring(PREFIX.length()));
    StringBuilder table = new StringBuilder("\n| field | type | meaning |\n|---|---|---|\n");
    for (Row row : rows) {
      String meaning = meanings.getOrDefault(row.name(), "");
      table.append("| %s | %s | %s |\n".formatted(row.name(), row.type(), meaning));
    }
    part.shouldBe(table.append("\n").toString());
    assertThat(rows)
        .as("fields whose meaning is to be written into the page by hand")
        .allMatch(row -> !meanings.getOrDefault(row.name(), "").isBlank());
  }

  @Test
  void everySchemaOfTheCodeHasATable() throws IOException {
    List<String> inSources = new ArrayList<>();
    for (Path file : sources()) {
      String inPackage = "";
      for (var found : SCHEMA.matcher(Files.readString(file)).results().toList()) {
        if (found.group(1) != null) {
          inPackage = found.group(1);
        } else {
          String type = file.getFileName().toString().replace(".java", "");
          inSources.add("%s%s.%s.%s".formatted(PREFIX, inPackage, type, found.group(2)));
        }
      }
    }

    assertThat(inSources).isNotEmpty();
    assertThat(GeneratedPart.names()).containsAll(inSources);
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("..", "transforms", "src", "main"))) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  /**
   * Returns the fields of an Avro schema, {@code a.b.Type.FIELD}, or of a type written as
   * Json.MAPPER.
   */
  private static List<Row> rows(String source) throws Exception {
    Class<?> type = findClass(source);
    if (type != null) {
      List<Row> rows = new ArrayList<>();
      addFields(Json.MAPPER.constructType(type), "", "", rows);
      return rows;
    }
    int dot = source.lastIndexOf('.');
    Field field =
        Class.forName(source.substring(0, dot)).getDeclaredField(source.substring(dot + 1));
    field.setAccessible(true);
    return ((Schema) field.get(null))
        .getFields().stream()
            .map(column -> new Row("`%s`".formatted(column.name()), avroType(column.schema())))
            .toList();
  }

  private static @Nullable Class<?> findClass(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  private static String avroType(Schema schema) {
    if (schema.isUnion()) {
      return schema.getTypes().stream()
              .filter(type -> type.getType() != Schema.Type.NULL)
              .map(FileTablesTest::avroType)
              .collect(Collectors.joining(" or "))
          + " or null";
    }
    if (schema.getLogicalType() != null) {
      return schema.getLogicalType().getName();
    }
    return schema.getType() == Schema.Type.ARRAY
        ? "array of " + avroType(schema.getElementType())
        : schema.getType().getName();
  }

  /**
   * Adds the fields of an object and of the objects in it, unless those have a table of their own.
   *
   * @param where said of each field, such as the kind of object that has it
   */
  private static void addFields(JavaType type, String prefix, String where, List<Row> rows)
      throws IOException {
    JsonTypeInfo info = type.getRawClass().getAnnotation(JsonTypeInfo.class);
    JsonSubTypes kinds = type.getRawClass().getAnnotation(JsonSubTypes.class);
    if (info != null && kinds != null) {
      rows.add(new Row("`%s%s`%s".formatted(prefix, info.property(), where), "string"));
      for (JsonSubTypes.Type kind : kinds.value()) {
        JsonTypeName name = Objects.requireNonNull(kind.value().getAnnotation(JsonTypeName.class));
        addProperties(
            Json.MAPPER.constructType(kind.value()),
            prefix,
            " (`%s`)".formatted(name.value()),
            rows);
      }
    } else {
      addProperties(type, prefix, where, rows);
    }
  }

  private static void addProperties(JavaType type, String prefix, String where, List<Row> rows)
      throws IOException {
    for (BeanPropertyDefinition property :
        Json.MAPPER.getSerializationConfig().introspect(type).findProperties()) {
      String name = prefix + property.getName();
      JavaType content = property.getPrimaryType();
      String simple = simpleType(content);
      if (simple != null) {
        rows.add(
            new Row(
                "`%s`%s".formatted(name, where), simple + (mayBeNull(property) ? " or null" : "")));
      } else if (content.isCollectionLikeType()) {
        addFields(content.getContentType(), name + "[].", where, rows);
      } else {
        addFields(content, name + ".", where, rows);
      }
    }
  }

  /** Returns null for an object whose fields are to be listed. */
  private static @Nullable String simpleType(JavaType type) throws IOException {
    Class<?> raw = type.isPrimitive() ? type.getRawClass() : unboxed(type.getRawClass());
    if (raw == boolean.class) {
      return "boolean";
    }
    if (raw == int.class || raw == long.class) {
      return "integer";
    }
    if (raw == float.class || raw == double.class) {
      return "number";
    }
    if (raw == String.class || raw.isEnum()) {
      return "string";
    }
    if (type.isMapLikeType()) {
      return "object of %ss".formatted(simpleType(type.getContentType()));
    }
    if (type.isCollectionLikeType()) {
      String element = simpleType(type.getContentType());
      return element == null ? null : "array of %ss".formatted(element);
    }
    return GeneratedPart.names().contains(PREFIX + raw.getName()) ? "object" : null;
  }

  private static Class<?> unboxed(Class<?> type) {
    return type == Integer.class || type == Long.class
        ? long.class
        : type == Double.class || type == Float.class ? double.class : type;
  }

  private static boolean mayBeNull(BeanPropertyDefinition property) {
    AnnotatedMethod getter = property.getGetter();
    return getter != null
        && getter.getAnnotated().getAnnotatedReturnType().isAnnotationPresent(Nullable.class);
  }
}
