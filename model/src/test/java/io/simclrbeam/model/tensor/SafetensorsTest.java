package io.simclrbeam.model.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SafetensorsTest {
  @TempDir private Path folder;

  /** The ways to get at the tensors of a file. */
  enum Way {
    READ,
    MAP
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsRead(Way way) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b.weight", Tensor.of(List.of(2L, 3L), 1f, 2f, 3f, 4f, 5f, 6f));
    tensors.put("a.count", Tensor.scalar(7));
    tensors.put("empty", Tensor.of(List.of(0L)));
    Map<String, Tensor> read = read(way, write(tensors));
    assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    assertThat(read.get("b.weight").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(read.get("b.weight").shape()).containsExactly(2L, 3L);
    assertThat(read.get("a.count").data().getLong(0)).isEqualTo(7);
  }

  @Test
  void headerIsAsTheFormatSays() throws IOException {
    byte[] bytes = write(Map.of("w", Tensor.of(List.of(1L), 1f)));
    long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, 8, (int) length, UTF_8);
    assertThat(header.strip())
        .isEqualTo("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}");
    assertThat((8 + length) % 8).isZero();
    assertThat(bytes).hasSize((int) (8 + length + 4));
  }

  @ParameterizedTest
  @EnumSource
  void readsMetadataAndOtherOrdersOfWriters(Way way) throws IOException {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"late\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]},"
            + "\"early\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    ByteBuffer file = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length()).put(header.getBytes(UTF_8)).putFloat(1).putFloat(2);
    Map<String, Tensor> read = read(way, file.array());
    assertThat(read.get("early").toFloats()).containsExactly(1);
    assertThat(read.get("late").toFloats()).containsExactly(2);
  }

  @ParameterizedTest
  @EnumSource
  void refusesDamagedFiles(Way way) throws IOException {
    byte[] bytes = write(Map.of("w", Tensor.of(List.of(2L), 1f, 2f)));
    for (int length : new int[] {0, 5, 20, bytes.length - 1}) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(way, cut)).isInstanceOf(IOException.class);
    }
    byte[] text = "this is no tensor file at all".getBytes(UTF_8);
    assertThatThrownBy(() -> read(way, text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a safetensors file");
  }

  @ParameterizedTest
  @EnumSource
  void readsEveryTypeOfFloats(Way way) throws IOException {
    String header =
        "{\"half\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
            + "\"brain\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]},"
            + "\"double\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,16]}}";
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3c01).putShort((short) 0xfc00); // 1 + 2^-10, -infinity
    data.putShort((short) 0x3f81).putShort((short) 0xc000); // 1 + 2^-7, -2
    data.putDouble(0.1);
    Map<String, Tensor> read = read(way, file(header, data.array()));
    assertThat(read.get("half").toFloat32().toFloats())
        .containsExactly(1 + 0x1p-10f, Float.NEGATIVE_INFINITY);
    assertThat(read.get("brain").toFloat32().toFloats()).containsExactly(1 + 0x1p-7f, -2);
    assertThat(read.get("double").toFloat32().toFloats()).containsExactly(0.1f);
    assertThatThrownBy(() -> Tensor.scalar(1).toFloat32())
        .isInstanceOf(IllegalStateException.class);
    assertThat(Safetensors.read(new ByteArrayInputStream(write(read))).get("brain").data())
        .isEqualTo(read.get("brain").data());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | its header is not a JSON object",
        "{\"w\":1 | cannot be read",
        "{\"w\":null} | w lacks its type, shape or place",
        "{\"w\":{}} | w lacks its type, shape or place",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2]}} | w lacks its type, shape or place",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":\"x\",\"data_offsets\":[0,8]}} | cannot be read",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,8]}} | cannot be read",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1e99],\"data_offsets\":[0,8]}} | cannot be read",
        "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}} | F16, BF16, F32, F64, I64 are",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}} | has the shape [-1, -2]",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | does not fit 8 bytes",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387906],\"data_offsets\":[0,8]}} | overflow",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,8]}} | overflow",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | bytes 8 to 0, expected from 0",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | bytes 4 to 8, expected from 0",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}} | bytes -4 to 0, expected from 0",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} | it ends before w",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[536870911],\"data_offsets\":[0,2147483644]}} | it ends before w",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[536870912],\"data_offsets\":[0,2147483648]}} | 2147483647 at most",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | v is at bytes 4 to 8, expected from 8"
      })
  void saysWhatIsWrongWithAHeader(String header, String message) {
    byte[] file = file(header, new byte[8]);
    for (Way way : Way.values()) {
      assertThatThrownBy(() -> read(way, file))
          .as(way.name())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHeaderThatIsTooLongTakesNoMemory(Way way) {
    for (long length : new long[] {100, 10_000_001, Integer.MAX_VALUE, Long.MAX_VALUE, -1}) {
      ByteBuffer file = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      assertThatThrownBy(() -> read(way, file.array()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not a safetensors file");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHeaderOfManyTensorsOrAxesIsRefused(Way way) {
    String one = "\"%d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
    String many =
        IntStream.rangeClosed(0, 30_000).mapToObj(one::formatted).collect(joining(",", "{", "}"));
    assertThatThrownBy(() -> read(way, file(many, new byte[0])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than 30000 tensors");
    String axes = one.formatted(1).replace("[0]", "[" + "1,".repeat(100_000) + "0]");
    assertThatThrownBy(() -> read(way, file("{" + axes + "}", new byte[0])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1 has the shape [1, 1, 1, 1] of 100001 axes");
  }

  private static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  @Test
  void aComputedTensorMustHaveTheBytesOfItsShape() {
    Tensor tensor = Tensor.computed(TensorType.FLOAT32, List.of(2L), () -> ByteBuffer.allocate(12));
    assertThat(tensor.bytes()).isEqualTo(8);
    assertThatThrownBy(tensor::data).hasMessageContaining("does not fit 12 bytes");
  }

  private Map<String, Tensor> read(Way way, byte[] file) throws IOException {
    return switch (way) {
      case READ -> Safetensors.read(new ByteArrayInputStream(file));
      case MAP -> Safetensors.map(Files.write(folder.resolve("file"), file));
    };
  }

  private static byte[] write(Map<String, Tensor> tensors) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(tensors, out);
    return out.toByteArray();
  }
}
