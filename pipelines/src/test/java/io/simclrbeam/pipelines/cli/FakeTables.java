package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.dataset.TableLoader;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;

/** A database in memory, which remembers how many embeddings each load brought. */
public class FakeTables implements TableLoader {
  static final List<Long> LOADS = new CopyOnWriteArrayList<>();
  static volatile boolean failing;
  static volatile boolean refusing;

  /** Another database, which remembers the same with a minus. */
  public static final class OfAnotherKind extends FakeTables {
    @Override
    public String scheme() {
      return "other";
    }

    @Override
    long sign() {
      return -1;
    }
  }

  /** A second loader for the same scheme. */
  public static final class Twin extends FakeTables {}

  @Override
  public String scheme() {
    return "bq";
  }

  long sign() {
    return 1;
  }

  @Override
  public void check(String output) {}

  @Override
  public void rehearse(String output, VectorFormat vectors, PipelineOptions options) {
    if (refusing) {
      throw new IllegalArgumentException("there is no dataset");
    }
  }

  @Override
  public PTransform<PCollection<Boolean>, PCollection<Boolean>> load(
      String output, DatasetRun run, VectorFormat vectors) {
    return PTransform.compose(passed -> passed.apply(ParDo.of(new LoadFn(run.folder(), sign()))));
  }

  private static final class LoadFn extends DoFn<Boolean, Boolean> {
    private final String folder;
    private final long sign;

    LoadFn(String folder, long sign) {
      this.folder = folder;
      this.sign = sign;
    }

    @ProcessElement
    public void process(@Element Boolean passed, OutputReceiver<Boolean> out) throws IOException {
      if (passed) {
        if (failing) {
          throw new IOException("the database is down");
        }
        LOADS.add(sign * RunManifest.read(new BeamFileStore(folder)).counts().embedded());
      }
      out.output(passed);
    }
  }
}
