package com.example.simclrbeam;

import java.io.IOException;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;

/** Reads whole files: yields their names and bytes. Any other source of both would do as well. */
final class ReadFiles extends PTransform<PBegin, PCollection<KV<String, byte[]>>> {
  private static final long serialVersionUID = 1;

  private final String pattern;

  private ReadFiles(String pattern) {
    this.pattern = pattern;
  }

  static ReadFiles matching(String pattern) {
    return new ReadFiles(pattern);
  }

  @Override
  public PCollection<KV<String, byte[]>> expand(PBegin begin) {
    return begin
        .apply("Match", FileIO.match().filepattern(pattern))
        .apply("Open", FileIO.readMatches())
        .apply("Read", ParDo.of(new ReadFn()));
  }

  private static final class ReadFn extends DoFn<FileIO.ReadableFile, KV<String, byte[]>> {
    @ProcessElement
    public void process(@Element FileIO.ReadableFile file, OutputReceiver<KV<String, byte[]>> out)
        throws IOException {
      out.output(KV.of(file.getMetadata().resourceId().toString(), file.readFullyAsBytes()));
    }
  }
}
