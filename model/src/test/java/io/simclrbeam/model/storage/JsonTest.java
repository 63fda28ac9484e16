package io.simclrbeam.model.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
      assertThat(Json.read(kind, new ByteArrayInputStream(known.getBytes(UTF_8)), "file"))
          .isNotEmpty();
    }
    String newer = String.format(Locale.ROOT, format, kind.version() + 1);
    assertThatThrownBy(
            () -> Json.read(kind, new ByteArrayInputStream(newer.getBytes(UTF_8)), "folder/file"))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContainingAll(
            "folder/file has format version " + (kind.version() + 1),
            "up to version " + kind.version());
  }

  @Test
  void aFileWithoutAVersionIsOfVersionZero() throws IOException {
    assertThat(
            Json.read(
                FileKind.MODEL_CARD, new ByteArrayInputStream("{}".getBytes(UTF_8)), "model.json"))
        .isEmpty();
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
