package io.simclrbeam.model.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SafetensorsTest {
  @Test
  void whatIsWrittenIsRead() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b.weight", Tensor.of(List.of(2L, 3L), 1f, 2f, 3f, 4f, 5f, 6f));
    tensors.put("a.count", Tensor.scalar(7));
    tensors.put("empty", Tensor.of(List.of(0L)));
    Map<String, Tensor> read = Safetensors.read(new ByteArrayInputStream(write(tensors)));
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

  @Test
  void readsMetadataAndOtherOrdersOfWriters() throws IOException {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"late\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]},"
            + "\"early\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    ByteBuffer file = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length()).put(header.getBytes(UTF_8)).putFloat(1).putFloat(2);
    Map<String, Tensor> read = Safetensors.read(new ByteArrayInputStream(file.array()));
    assertThat(read.get("early").toFloats()).containsExactly(1);
    assertThat(read.get("late").toFloats()).containsExactly(2);
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    byte[] bytes = write(Map.of("w", Tensor.of(List.of(2L), 1f, 2f)));
    for (int length : new int[] {0, 5, 20, bytes.length - 1}) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(cut)))
          .isInstanceOf(IOException.class);
    }
    byte[] text = "this is no tensor file at all".getBytes(UTF_8);
    assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(text)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a safetensors file");
  }

  private static byte[] write(Map<String, Tensor> tensors) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(tensors, out);
    return out.toByteArray();
  }
}
