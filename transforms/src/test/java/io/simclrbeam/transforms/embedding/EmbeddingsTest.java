package io.simclrbeam.transforms.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithTimestamps;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EmbeddingsTest {
  @TempDir private Path temporary;

  private BeamFileStore model(ExifOrientation orientation) throws IOException {
    TrainingSettings settings =
        TestSettings.small().exifOrientation(orientation).batchSize(2).steps(0).build();
    BeamFileStore model = new BeamFileStore(temporary.resolve(orientation.name()).toString());
    TrainingRun.initialize(model, settings);
    ModelExport.export(model, settings, 1, "none", Map.of(), Clock.systemUTC());
    return model;
  }

  @Test
  void embedsTheImagesOfAnyPipelineInTheirWindows() throws Exception {
    BeamFileStore model = model(ExifOrientation.IGNORE);
    Map<String, byte[]> images = new TreeMap<>();
    Map<String, String> expected = new TreeMap<>();
    try (FrozenEncoder encoder = FrozenEncoder.load(model, Device.cpu(), Precision.FP32)) {
      BatchEncoder alone = new BatchEncoder(encoder, 1);
      for (int i = 0; i < 10; i++) {
        byte[] png = TestImages.png(i);
        images.put("image-" + i, png);
        alone.add(png);
        expected.put("image-" + i, Sha256.of(png) + describe(alone.encode()[0]));
      }
    }
    images.put("text", "no picture".getBytes(UTF_8));

    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple computed =
        pipeline
            // All from one element, so that they are one bundle of several batches.
            .apply(Create.of(0))
            .apply(ParDo.of(new AllFn(images)))
            .setCoder(KvCoder.of(StringUtf8Coder.of(), ByteArrayCoder.of()))
            .apply(
                WithTimestamps.of(
                    image -> Instant.ofEpochMilli(image.getKey().endsWith("1") ? 0 : 5000)))
            .apply(Window.into(FixedWindows.of(Duration.standardSeconds(1))))
            .apply(Embeddings.compute(model.location()).withBatchSize(3).withDevice("cpu"));
    PCollection<Embedding> embeddings = computed.get(Embeddings.EMBEDDINGS);
    PAssert.that(
            embeddings.apply(
                MapElements.into(
                        TypeDescriptors.kvs(TypeDescriptors.strings(), TypeDescriptors.strings()))
                    .via(e -> KV.of(e.id(), e.contentSha256() + describe(e.vector())))))
        .containsInAnyOrder(
            expected.entrySet().stream().map(e -> KV.of(e.getKey(), e.getValue())).toList());
    PAssert.that(
            computed
                .get(Embeddings.REJECTS)
                .apply(
                    MapElements.into(TypeDescriptors.strings())
                        .via(reject -> reject.get("id") + " " + reject.get("reason"))))
        .containsInAnyOrder("text not_an_image");
    PAssert.that(embeddings.apply(Combine.globally(Count.<Embedding>combineFn()).withoutDefaults()))
        .containsInAnyOrder(1L, 9L);
    pipeline.run().waitUntilFinish();
    assertThat(expected).hasSize(10);
  }

  private static final class AllFn extends DoFn<Integer, KV<String, byte[]>> {
    private final TreeMap<String, byte[]> images;

    AllFn(Map<String, byte[]> images) {
      this.images = new TreeMap<>(images);
    }

    @ProcessElement
    public void process(OutputReceiver<KV<String, byte[]>> out) {
      images.forEach((id, image) -> out.output(KV.of(id, image)));
    }
  }

  /** A picture of 20 x 16 whose camera was held upright. */
  @ParameterizedTest
  @CsvSource({"IGNORE, 20 x 16", "APPLY, 16 x 20"})
  void picturesAreTurnedAsTheyWereInTraining(ExifOrientation orientation, String size)
      throws IOException {
    ByteBuffer exif = ByteBuffer.allocate(38);
    exif.putInt(26).put("eXIf".getBytes(UTF_8));
    exif.put("MM".getBytes(UTF_8)).putShort((short) 42).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x112).putShort((short) 3).putInt(1);
    exif.putShort((short) 6).putShort((short) 0).putInt(0);
    CRC32 crc = new CRC32();
    crc.update(exif.array(), 4, 30);
    exif.putInt((int) crc.getValue());
    byte[] png = TestImages.png(1);
    int header = 8 + 25;
    ByteArrayOutputStream turned = new ByteArrayOutputStream();
    turned.write(png, 0, header);
    turned.writeBytes(exif.array());
    turned.write(png, header, png.length - header);

    Pipeline pipeline = DirectPipeline.checked();
    PCollection<String> sizes =
        pipeline
            .apply(
                Create.of(Map.of("a", turned.toByteArray()))
                    .withCoder(KvCoder.of(StringUtf8Coder.of(), ByteArrayCoder.of())))
            .apply(Embeddings.compute(model(orientation).location()))
            .get(Embeddings.EMBEDDINGS)
            .apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(e -> e.width() + " x " + e.height()));
    PAssert.that(sizes).containsInAnyOrder(size);
    pipeline.run().waitUntilFinish();
  }

  @Test
  void settingsAreCheckedAndDisplayed() {
    Embeddings.Compute compute = Embeddings.compute("/model").withBatchSize(64).withDevice("cpu");

    assertThatThrownBy(() -> Embeddings.compute(" "))
        .hasMessage("the model's folder must not be empty");
    assertThatThrownBy(() -> compute.withBatchSize(0))
        .hasMessage("a batch must be of at least 1 image, not 0");
    assertThatThrownBy(() -> compute.withDevice("gpu"))
        .hasMessage("a device is auto, cpu or cuda:N, but this is 'gpu'");
    Map<String, Object> items = new TreeMap<>();
    DisplayData.from(compute).items().forEach(item -> items.put(item.getKey(), item.getValue()));
    assertThat(items)
        .isEqualTo(
            Map.of("model", "/model", "batchSize", 64L, "device", "cpu", "precision", "fp32"));
  }

  private static String describe(float[] vector) {
    StringBuilder bits = new StringBuilder();
    for (float value : vector) {
      bits.append(' ').append(Float.floatToIntBits(value));
    }
    return bits.toString();
  }
}
