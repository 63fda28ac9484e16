package io.simclrbeam.model.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
