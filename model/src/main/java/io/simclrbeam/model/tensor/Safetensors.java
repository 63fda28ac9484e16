package io.simclrbeam.model.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.storage.Json;
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
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header with the type, shape
 * and byte range of each tensor, then the bytes. Holds nothing that could be executed.
 */
public final class Safetensors {
  private static final int LENGTH_BYTES = 8;

  /** Of some hundred bytes a tensor. */
  private static final long MAX_HEADER_BYTES = 10_000_000;

  /** A process can map some ten thousand pieces of files. */
  private static final int MOST_TENSORS = 30_000;

  /** PyTorch's limit. */
  private static final int MOST_AXES = 64;

  private static final int ALIGNMENT = 8;

  private Safetensors() {}

  /** Writes tensors in the order of the map; the same map gives the same bytes. */
  public static void write(Map<String, Tensor> tensors, OutputStream out) throws IOException {
    ObjectNode header = Json.MAPPER.createObjectNode();
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", tensor.type().code());
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
   * @throws IOException if the stream is not a whole safetensors file, or holds types other than
   *     those of {@link TensorType}
   */
  public static Map<String, Tensor> read(InputStream in) throws IOException {
    return tensors(
        header(in, MAX_HEADER_BYTES),
        entry -> {
          byte[] bytes = in.readNBytes((int) entry.bytes()); // no more than there are
          if (bytes.length < entry.bytes()) {
            throw cutOff(entry);
          }
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
      long size = channel.size();
      List<Entry> entries =
          header(Channels.newInputStream(channel), Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES));
      long begin = channel.position();
      return tensors(
          entries,
          entry -> {
            if (entry.end > size - begin) {
              throw cutOff(entry);
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, begin + entry.begin, entry.bytes());
          });
    }
  }

  private static IOException cutOff(Entry entry) {
    return new EOFException("damaged safetensors file: it ends before " + entry.name);
  }

  /** Reads where tensors are. A header that is too long to be one takes no memory. */
  private static List<Entry> header(InputStream in, long most) throws IOException {
    ByteBuffer start = ByteBuffer.wrap(in.readNBytes(LENGTH_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    if (start.remaining() < LENGTH_BYTES) {
      throw new IOException("not a safetensors file: it has %d bytes".formatted(start.limit()));
    }
    long length = start.getLong();
    if (length <= 0 || length > most) {
      throw new IOException(
          "not a safetensors file: header of %s bytes, but it can have %d at most"
              .formatted(Long.toUnsignedString(length), Math.max(0, most)));
    }
    byte[] text = in.readNBytes((int) length);
    List<Entry> entries = new ArrayList<>();
    try (JsonParser json = Json.MAPPER.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a safetensors file: its header is not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals("__metadata__")) {
          json.skipChildren();
        } else if (entries.size() == MOST_TENSORS) {
          throw new IOException("safetensors file of more than %d tensors".formatted(MOST_TENSORS));
        } else {
          entries.add(Entry.of(name, json.readValueAs(Description.class)));
        }
      }
    } catch (JsonProcessingException e) {
      throw new IOException(
          "not a safetensors file: its header cannot be read: " + e.getOriginalMessage(), e);
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
            "damaged safetensors file: %s is at bytes %d to %d, expected from %d"
                .formatted(entry.name, entry.begin, entry.end, position));
      }
      if (entry.bytes() > Integer.MAX_VALUE) {
        throw new IOException(
            "safetensors file with a tensor of %d bytes, %s, but they have %d at most"
                .formatted(entry.bytes(), entry.name, Integer.MAX_VALUE));
      }
      try {
        tensors.put(entry.name, Tensor.wrap(entry.type, entry.shape, source.bytes(entry)));
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new IOException("damaged safetensors file: " + entry.name + ": " + e.getMessage(), e);
      }
      position = entry.end;
    }
    return tensors;
  }

  /** What a header says of a tensor. */
  private record Description(
      @Nullable String dtype, long @Nullable [] shape, long @Nullable [] dataOffsets) {}

  private record Entry(String name, TensorType type, List<Long> shape, long begin, long end) {
    static Entry of(String name, @Nullable Description said) throws IOException {
      if (said == null
          || said.dtype == null
          || said.shape == null
          || said.dataOffsets == null
          || said.dataOffsets.length != 2) {
        throw new IOException(
            "damaged safetensors file: %s lacks its type, shape or place".formatted(name));
      }
      @Nullable TensorType type = TensorType.of(said.dtype).orElse(null);
      if (type == null) {
        throw new IOException(
            "tensor %s is of type %s; %s are read"
                .formatted(
                    name,
                    said.dtype,
                    Stream.of(TensorType.values())
                        .map(TensorType::code)
                        .collect(Collectors.joining(", "))));
      }
      List<Long> shape = LongStream.of(said.shape).boxed().toList();
      if (shape.size() > MOST_AXES || shape.stream().anyMatch(size -> size < 0)) {
        throw new IOException(
            "damaged safetensors file: %s has the shape %s of %d axes"
                .formatted(name, shape.subList(0, Math.min(shape.size(), 4)), shape.size()));
      }
      return new Entry(name, type, shape, said.dataOffsets[0], said.dataOffsets[1]);
    }

    long bytes() {
      return end - begin;
    }
  }
}
