package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.images.Finding;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What belongs to one key is read once, as Flink wants it, however much it is. */
final class ManyFindingsTest {
  /** Beam's join keeps 10,000 values of a key, and reads others again. */
  private static final int MANY = 25_000;

  @TempDir private Path folder;

  @Test
  void aShardMayHaveMoreImagesThanAJoinKeeps() throws IOException {
    Path shard = folder.resolve("a.tar");
    Files.write(shard, new byte[10_240]); // a tar file without an entry
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    options.setRunner(FlinkRunner.class);
    options.setParallelism(1);
    Pipeline pipeline = Pipeline.create(options);
    pipeline.apply(
        ListImages.in(List.of(folder.toString())).withKnown(new Findings(shard.toString())));
    assertThat(pipeline.run().waitUntilFinish()).isEqualTo(PipelineResult.State.DONE);
  }

  private static final class Findings extends PTransform<PBegin, PCollection<KV<String, Finding>>> {
    private static final long serialVersionUID = 1;

    private final String shard;

    Findings(String shard) {
      this.shard = shard;
    }

    @Override
    public PCollection<KV<String, Finding>> expand(PBegin begin) {
      return begin
          .apply(Create.of(shard))
          .apply(ParDo.of(new FindFn()))
          .setCoder(KvCoder.of(StringUtf8Coder.of(), new Finding.FindingCoder()));
    }
  }

  private static final class FindFn extends DoFn<String, KV<String, Finding>> {
    @ProcessElement
    public void process(@Element String shard, OutputReceiver<KV<String, Finding>> out) {
      for (int i = 0; i < MANY; i++) {
        ImageRef image =
            new ImageRef("a.tar/" + i, shard, i * 1024L, 100, null, null, "sha", "before");
        out.output(KV.of(shard, Finding.of("run", image)));
      }
    }
  }
}
