package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.embed.VectorFormat;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddingRecordTest {
  private static final String COMMON =
      """
      {"type":"record","name":"Embedding","namespace":"io.simclrbeam","fields":[
      {"name":"id","type":"string"},
      {"name":"uri","type":"string"},
      {"name":"label","type":["null","string"],"default":null},
      {"name":"content_sha256","type":"string"},
      {"name":"width","type":"int"},
      {"name":"height","type":"int"},
      {"name":"model_id","type":"string"},
      {"name":"embedded_at","type":{"type":"long","logicalType":"timestamp-millis"}},
      """;

  private static Embedding embedding() {
    return Embedding.builder()
        .setId("a/b.png")
        .setUri("/images/a/b.png")
        .setLabel("a")
        .setContentSha256("00ff")
        .setWidth(30)
        .setHeight(20)
        .setModelId("0123456789ab")
        .setEmbeddedAt(Instant.ofEpochMilli(1_700_000_000_123L))
        .setVector(new float[] {254, -1, 3.0009f})
        .build();
  }

  /** Data sets that others have built upon are out there: a change here breaks them. */
  @Test
  void theSchemasAreAsPublished() {
    assertThat(EmbeddingRecord.schema(VectorFormat.FLOAT32))
        .isEqualTo(
            new Schema.Parser()
                .parse(
                    COMMON
                        + """
                        {"name":"embedding","type":["null",{"type":"array","items":"float"}],
                         "default":null}]}
                        """));
    Schema packed =
        new Schema.Parser()
            .parse(
                COMMON
                    + """
                    {"name":"embedding","type":["null","bytes"],"default":null},
                    {"name":"scale","type":["null","float"],"default":null}]}
                    """);
    assertThat(EmbeddingRecord.schema(VectorFormat.FLOAT16)).isEqualTo(packed);
    assertThat(EmbeddingRecord.schema(VectorFormat.INT8)).isEqualTo(packed);
  }

  @Test
  void vectorsAreStoredInTheirFormat() {
    GenericRecord float32 = EmbeddingRecord.of(embedding(), VectorFormat.FLOAT32);
    assertThat(float32.get("embedding")).isEqualTo(List.of(254f, -1f, 3.0009f));
    GenericRecord float16 = EmbeddingRecord.of(embedding(), VectorFormat.FLOAT16);
    assertThat(float16.get("embedding"))
        .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xf0, 0x5b, 0, (byte) 0xbc, 0, 0x42}));
    assertThat(float16.get("scale")).isNull();
    GenericRecord int8 = EmbeddingRecord.of(embedding(), VectorFormat.INT8);
    assertThat(int8.get("embedding")).isEqualTo(ByteBuffer.wrap(new byte[] {127, 0, 2}));
    assertThat(int8.get("scale")).isEqualTo(2f);
  }

  @ParameterizedTest
  @EnumSource
  void everythingElseComesBack(VectorFormat vectors) {
    GenericRecord record = EmbeddingRecord.of(embedding(), vectors);
    Embedding read = EmbeddingRecord.toEmbedding(record);
    assertThat(GenericData.get().validate(record.getSchema(), record)).isTrue();
    assertThat(read).isNotNull();
    assertThat(read.vector()).hasSize(3);
    // By name, so that a field that is new is compared as well.
    GenericRecord expected = EmbeddingRecord.of(embedding(), VectorFormat.FLOAT32);
    GenericRecord actual = EmbeddingRecord.of(read, VectorFormat.FLOAT32);
    actual.put("embedding", expected.get("embedding"));
    assertThat(actual).isEqualTo(expected);
    assertThat(read.vector()[0]).isEqualTo(254);
    record.put("embedding", null);
    assertThat(EmbeddingRecord.toEmbedding(record)).isNull();
  }

  @Test
  void bytesThatAreNoVectorAreNamed() {
    GenericRecord record = EmbeddingRecord.of(embedding(), VectorFormat.INT8);
    record.put("scale", null);
    assertThatThrownBy(() -> EmbeddingRecord.vector(record))
        .hasMessage(
            "the embedding of a/b.png is broken: a vector of 3 bytes is not one of float16, and has"
                + " no scale as one of int8");
    record.put("embedding", 3.0);
    assertThatThrownBy(() -> EmbeddingRecord.vector(record))
        .hasMessage("the embedding of a/b.png is neither an array of float nor bytes");
  }
}
