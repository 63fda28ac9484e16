package io.simclrbeam.pipelines.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.simclrbeam.model.storage.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Arrays of numbers for a page: little-endian, one after the other, compressed, as text. */
final class PackedArrays {
  private final List<Entry> entries = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /**
   * An array.
   *
   * @param type {@code uint16}, {@code uint32} or {@code int32}, or {@code utf8} for JSON
   * @param length elements; bytes of {@code utf8}
   */
  record Entry(String name, String type, int length) {}

  void addShorts(String name, int[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Short.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putShort((short) value);
    }
    add(new Entry(name, "uint16", values.length), buffer.array());
  }

  void addInts(String name, String type, int[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asIntBuffer().put(values);
    add(new Entry(name, type, values.length), buffer.array());
  }

  void addTexts(String name, List<String> texts) {
    try {
      byte[] json = Json.MAPPER.writeValueAsString(texts).getBytes(StandardCharsets.UTF_8);
      add(new Entry(name, "utf8", json.length), json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("texts did not become JSON", e);
    }
  }

  private void add(Entry entry, byte[] array) {
    entries.add(entry);
    bytes.writeBytes(array);
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  String encode() {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      bytes.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("compressing in memory failed", e);
    }
    return Base64.getEncoder().encodeToString(compressed.toByteArray());
  }
}
