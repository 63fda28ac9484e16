package io.simclrbeam.transforms.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.index.ReadManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.file.CodecFactory;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageProgressTest {
  private static final long SECOND = 1_000_000_000;

  private final List<String> lines = new ArrayList<>();
  private long nanos = 5 * SECOND;

  @Test
  void saysEveryTenSecondsHowFarItIsAndHowFastItWasSince() {
    ImageProgress progress =
        new ImageProgress(
            "job", "embedded", () -> nanos, line -> lines.add(line.level() + " " + line.text()));
    progress.add(1000);
    assertThat(lines).isEmpty();
    nanos += 9 * SECOND;
    progress.add(500);
    assertThat(lines).containsExactly("DEBUG 1,500 images embedded, 167 images/s");
    nanos += SECOND;
    progress.add(500);
    assertThat(lines).last().isEqualTo("INFO 2,000 images embedded, 200 images/s");
    nanos += 20 * SECOND;
    progress.add(100);
    assertThat(lines).last().isEqualTo("INFO 2,100 images embedded, 5 images/s");
  }

  @Test
  void whereAllOfAJobIsDoneHereTheTimeThatIsLeftIsKnown() {
    ImageProgress progress =
        new ImageProgress("all", "checked", () -> nanos, line -> lines.add(line.text()));
    ImageProgress.setAlone(false);
    ImageProgress.expect("all", 7); // not known to be all
    ImageProgress.workAlone();
    ImageProgress.expect("all", 2000);
    ImageProgress.expect("all", 1000);
    nanos += 20 * SECOND;
    progress.add(500);
    assertThat(lines).containsExactly("500 of 3,000 images checked, 25 images/s, 1 min 40 s left");
    nanos += SECOND;
    progress.add(2501);
    assertThat(lines).last().isEqualTo("3,001 images checked, 2501 images/s");
  }

  @Test
  void whatIsListedIsExpected(@TempDir Path folder) throws IOException {
    ImageProgress.workAlone();
    TestImages.writeFolder(folder.resolve("images"), 7);
    TestImages.writeAvro(folder.resolve("images/a.avro"), 5, CodecFactory.nullCodec());
    List<String> inputs = List.of(folder.resolve("images").toString());
    String index = folder.resolve("index").toString();
    run(ListImages.in(inputs).withChunkSize(2).withProgressOf("list"));
    run(ListImages.in(inputs));
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(IndexImages.of(inputs, index));
    pipeline.run().waitUntilFinish();
    run(ReadManifest.in(index, 4).withProgressOf("manifest"));
    assertThat(ImageProgress.expected("list")).isEqualTo(12);
    assertThat(ImageProgress.expected("manifest")).isEqualTo(12);
  }

  private static void run(PTransform<PBegin, PCollectionTuple> listing) {
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(listing);
    pipeline.run().waitUntilFinish();
  }

  @Test
  void theThreadsOfAJobShareItUntilTheLastOneLeaves() {
    ImageProgress first = ImageProgress.enter("a", "embedded");
    ImageProgress second = ImageProgress.enter("a", "embedded");
    ImageProgress other = ImageProgress.enter("b", "embedded");
    assertThat(second).isSameAs(first).isNotSameAs(other);
    first.leave();
    assertThat(ImageProgress.enter("a", "embedded")).isSameAs(first);
    first.leave();
    second.leave();
    assertThat(ImageProgress.enter("a", "embedded")).isNotSameAs(first);
  }
}
