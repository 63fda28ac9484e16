package io.simclrbeam.transforms;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that go on after one has failed don't disturb the test's end. */
final class RunnerThreadsTest {
  private static final int FILES = 2_000;
  private static final CountDownLatch BEGUN = new CountDownLatch(1);

  /** It is deleted after the test, which fails while files are still written. */
  @TempDir private static Path folder;

  @Test
  void aFolderIsDeletedAfterTheLastBundle() {
    Pipeline pipeline = Pipeline.create();
    pipeline.apply("Fail", Create.of(1)).apply("Failing", ParDo.of(new FailFn()));
    pipeline.apply("Write", Create.of(folder.toString())).apply("Writing", ParDo.of(new WriteFn()));
    assertThatThrownBy(() -> pipeline.run().waitUntilFinish()).hasMessageContaining("on purpose");
  }

  private static final class FailFn extends DoFn<Integer, Void> {
    @ProcessElement
    public void process() throws InterruptedException {
      BEGUN.await();
      throw new IllegalStateException("on purpose");
    }
  }

  private static final class WriteFn extends DoFn<String, Void> {
    @ProcessElement
    public void process(@Element String folder) throws IOException {
      BEGUN.countDown();
      for (int i = 0; i < FILES; i++) {
        Files.writeString(Path.of(folder, "file-" + i), "");
      }
    }
  }
}
