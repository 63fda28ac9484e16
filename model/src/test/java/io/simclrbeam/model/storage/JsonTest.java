package io.simclrbeam.model.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class JsonTest {
  enum Color {
    RED,
    GREEN
  }

  record Inner(int sizeInPixels) {}

  record Sample(
      long someNumber,
      Inner inner,
      @JsonProperty(defaultValue = "0.9") double laterNumber,
      @JsonProperty(defaultValue = "true") boolean laterSwitch,
      @JsonProperty(defaultValue = "GREEN") Color laterColor,
      @JsonProperty(defaultValue = "none") String laterText) {}

  private static final String OLD = "{\"some_number\":7,\"inner\":{\"size_in_pixels\":3}}";

  private static Sample read(String json) throws JsonProcessingException {
    return Json.MAPPER.readValue(json, Sample.class);
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Sample sample = new Sample(1, new Inner(2), 0.1, false, Color.RED, "text");
    String json = Json.MAPPER.writeValueAsString(sample);
    assertThat(json)
        .isEqualTo(
            "{\"some_number\":1,\"inner\":{\"size_in_pixels\":2},\"later_number\":0.1,"
                + "\"later_switch\":false,\"later_color\":\"red\",\"later_text\":\"text\"}");
    assertThat(read(json)).isEqualTo(sample);
    assertThat(read(Json.PRETTY.writeValueAsString(sample))).isEqualTo(sample);
  }

  record Renamed(int first, @JsonProperty("per_s") double perSecond, int last) {}

  @Test
  void recordsAreWrittenInTheOrderOfTheirComponents() throws IOException {
    assertThat(Json.MAPPER.writeValueAsString(new Renamed(1, 2, 3)))
        .isEqualTo("{\"first\":1,\"per_s\":2.0,\"last\":3}");
  }

  @Test
  void constantsAreReadInAnyCase() throws IOException {
    String json = OLD.replace("{\"some", "{\"later_color\":\"%s\",\"some");
    assertThat(read(json.formatted("red")).laterColor()).isEqualTo(Color.RED);
    assertThat(read(json.formatted("RED")).laterColor()).isEqualTo(Color.RED);
  }

  @Test
  void missingFieldsHaveTheirDeclaredDefaults() throws IOException {
    assertThat(read(OLD)).isEqualTo(new Sample(7, new Inner(3), 0.9, true, Color.GREEN, "none"));
  }

  @Test
  void aMissingFieldWithoutADefaultIsAnError() {
    assertThatThrownBy(() -> read(OLD.replace("some_number", "other_number")))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("some_number");
  }

  @Test
  void unknownFieldsAreIgnored() throws IOException {
    assertThat(read(OLD.replace("{\"some", "{\"new_field\":[1],\"some"))).isEqualTo(read(OLD));
  }

  @ParameterizedTest
  @EnumSource(FileKind.class)
  void aNewerFileIsRefusedWithBothVersions(FileKind kind) throws IOException {
    String format = "{\"format_version\":%d}";
    for (int version = 0; version <= kind.version(); version++) {
      String known = String.format(Locale.ROOT, format, version);
      assertThat(read(kind, known, "file")).isNotEmpty();
    }
    String newer = String.format(Locale.ROOT, format, kind.version() + 1);
    assertThatThrownBy(() -> read(kind, newer, "folder/file"))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContainingAll(
            "folder/file has format version " + (kind.version() + 1),
            "up to version " + kind.version());
  }

  @Test
  void aFileWithoutAVersionIsOfVersionZero() throws IOException {
    assertThat(read(FileKind.MODEL_CARD, "{}", "model.json")).isEmpty();
  }

  private static JsonNode read(FileKind kind, String text, String file) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(text.getBytes(UTF_8));
    return Json.read(kind, in, file, "Mend it.", json -> json);
  }

  record Part(String name, @Nullable String label) {}

  record Whole(Part first, List<Part> others, @JsonProperty(defaultValue = "1") int count) {
    Whole {
      if (count < 1) {
        throw new IllegalArgumentException("count is %d, but must be at least 1".formatted(count));
      }
    }
  }

  private static Whole whole(byte[] text) throws IOException {
    return Json.read(
        new ByteArrayInputStream(text),
        "folder/file",
        "Mend it.",
        json -> Json.MAPPER.treeToValue(json, Whole.class));
  }

  private static final String WHOLE =
      "{\"first\":{\"name\":\"a\"},\"others\":[{\"name\":\"b\",\"label\":null}]}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | it is empty",
        "{\"first\":{\"name\":\"a | it ends too early, in line 1",
        "{\"first\":no} | it is no JSON at line 1, column 13",
        "{} {} | it is no JSON at line 1, column 4",
        "\"text\" | it holds no JSON object",
        "null | it holds no JSON object",
        "{} | it lacks first",
        "{\"first\":{},\"others\":[]} | it lacks first.name",
        "{\"first\":{\"name\":\"a\"},\"others\":[null]} | it lacks others[0]",
        "{\"first\":{\"name\":\"a\"},\"others\":[{\"label\":\"b\"}]} | it lacks others[0].name",
        "{\"first\":{\"name\":7},\"others\":[]} | first.name is 7, which is not allowed there",
        "{\"first\":[1],\"others\":[]} | first is [1], which is not allowed there",
        "{\"first\":{\"name\":\"a\"},\"others\":[],\"count\":\"x\"} | count is \"x\", which is not allowed there",
        "{\"first\":{\"name\":\"a\"},\"others\":[],\"count\":0} | count is 0, but must be at least 1"
      })
  void damageIsToldWithThePlaceAndWhatToDo(String text, String problem) throws IOException {
    assertThat(whole(WHOLE.getBytes(UTF_8)).others()).containsExactly(new Part("b", null));
    assertThatThrownBy(() -> whole(text.getBytes(UTF_8)))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage("folder/file is damaged: %s. Mend it.".formatted(problem));
  }

  @Test
  void bytesThatAreNoTextAreDamageToo() {
    assertThatThrownBy(() -> whole(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 0, 1, 2, 3}))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageStartingWith("folder/file is damaged: it is no ");
  }

  @Test
  void theVersionComesFirst() throws IOException {
    String json =
        Json.MAPPER.writeValueAsString(Json.withVersion(FileKind.RUN_MANIFEST, new Inner(3)));

    assertThat(json).isEqualTo("{\"format_version\":1,\"size_in_pixels\":3}");
    assertThat(Json.MAPPER.readValue(json, Inner.class)).isEqualTo(new Inner(3));
  }

  @Test
  void theMetadataOfAFileSaysItsVersion() {
    FileKind kind = FileKind.EMBEDDING_PART;

    assertThat(kind.metadata()).containsOnlyKeys("simclr.format_version");
    kind.checkMetadata(kind.metadata().get(FileKind.METADATA), "file");
    kind.checkMetadata(null, "file");
    assertThatThrownBy(() -> kind.checkMetadata("2", "file"))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContaining("file has format version 2");
  }
}
