package io.simclrbeam.model.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.storage.Json;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header with the type, shape
 * and byte range of each tensor, then the bytes. Holds nothing that could be executed.
 */
public final class Safetensors {
  private static final long MAX_HEADER_BYTES = 100_000_000;
  private static final int ALIGNMENT = 8;

  private Safetensors() {}

  /** Writes tensors in the order of the map; the same map gives the same bytes. */
  public static void write(Map<String, Tensor> tensors, OutputStream out) throws IOException {
    ObjectNode header = Json.MAPPER.createObjectNode();
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", code(tensor.type()));
      ArrayNode shape = node.putArray("shape");
      tensor.shape().forEach(shape::add);
      long end = offset + tensor.bytes();
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = Json.MAPPER.writeValueAsBytes(header);
    int padding = -text.length & (ALIGNMENT - 1);
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(0, text.length + padding);
    out.write(length.array());
    out.write(text);
    out.write(" ".repeat(padding).getBytes(UTF_8));
    WritableByteChannel channel = Channels.newChannel(out);
    for (Tensor tensor : tensors.values()) {
      ByteBuffer data = tensor.data();
      while (data.hasRemaining()) {
        channel.write(data);
      }
    }
  }

  /**
   * Reads all tensors, in the order of their bytes.
   *
   * @throws IOException if the stream is not a whole safetensors file or holds types other than
   *     F32, F64 and I64
   */
  public static Map<String, Tensor> read(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    return tensors(
        header(data),
        entry -> {
          byte[] bytes = new byte[Math.toIntExact(entry.end - entry.begin)];
          data.readFully(bytes);
          return ByteBuffer.wrap(bytes);
        });
  }

  /**
   * Maps all tensors of a file into memory. They take no heap.
   *
   * @throws IOException as above
   */
  public static Map<String, Tensor> map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      List<Entry> entries = header(new DataInputStream(Channels.newInputStream(channel)));
      long begin = channel.position();
      return tensors(
          entries,
          entry -> {
            if (begin + entry.end > channel.size()) {
              throw new EOFException("damaged safetensors file: it ends before " + entry.name);
            }
            return channel.map(
                FileChannel.MapMode.READ_ONLY, begin + entry.begin, entry.end - entry.begin);
          });
    }
  }

  private static List<Entry> header(DataInputStream data) throws IOException {
    long length = Long.reverseBytes(data.readLong());
    if (length <= 0 || length > MAX_HEADER_BYTES) {
      throw new IOException("not a safetensors file: header of " + length + " bytes");
    }
    byte[] text = new byte[(int) length];
    data.readFully(text);

    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : parse(text).properties()) {
      if (!field.getKey().equals("__metadata__")) {
        entries.add(Entry.of(field.getKey(), field.getValue()));
      }
    }
    entries.sort((a, b) -> Long.compare(a.begin, b.begin));
    return entries;
  }

  /** Gets at the bytes of a tensor. */
  private interface Source {
    ByteBuffer bytes(Entry entry) throws IOException;
  }

  private static Map<String, Tensor> tensors(List<Entry> entries, Source source)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long position = 0;
    for (Entry entry : entries) {
      if (entry.begin != position || entry.end < entry.begin) {
        throw new IOException(
            "damaged safetensors file: %s is at byte %d, expected at %d"
                .formatted(entry.name, entry.begin, position));
      }
      ByteBuffer bytes = source.bytes(entry);
      try {
        tensors.put(entry.name, Tensor.wrap(entry.type, entry.shape, bytes));
      } catch (IllegalArgumentException e) {
        throw new IOException("damaged safetensors file: " + entry.name + ": " + e.getMessage(), e);
      }
      position = entry.end;
    }
    return tensors;
  }

  private static JsonNode parse(byte[] text) throws IOException {
    try {
      return Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IOException("not a safetensors file: its header is not JSON", e);
    }
  }

  private static String code(TensorType type) {
    return switch (type) {
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
      case INT64 -> "I64";
    };
  }

  private record Entry(String name, TensorType type, List<Long> shape, long begin, long end) {
    static Entry of(String name, JsonNode node) throws IOException {
      TensorType type =
          switch (node.path("dtype").asText()) {
            case "F32" -> TensorType.FLOAT32;
            case "F64" -> TensorType.FLOAT64;
            case "I64" -> TensorType.INT64;
            default ->
                throw new IOException(
                    "tensor %s is of type %s; F32, F64 and I64 are read"
                        .formatted(name, node.path("dtype")));
          };
      List<Long> shape = new ArrayList<>();
      node.path("shape").forEach(size -> shape.add(size.asLong()));
      JsonNode offsets = node.path("data_offsets");
      return new Entry(name, type, shape, offsets.path(0).asLong(-1), offsets.path(1).asLong(-1));
    }
  }
}
