package io.simclrbeam.pipelines.views;

import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.rejects.WriteRejects;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.views.DrawViews;
import java.io.IOException;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws what a network sees in training. */
public final class ViewsJob {
  private static final Logger LOG = LoggerFactory.getLogger(ViewsJob.class);
  private static final int CHUNK_SIZE = 256;

  private ViewsJob() {}

  /**
   * Runs the job to its end.
   *
   * @throws JobException if there is no image to draw
   */
  public static void run(ViewsArgs args, Launcher launcher) throws IOException {
    args.source().check();
    int slash = args.output().lastIndexOf('/') + 1;
    String file = args.output().substring(slash);
    BeamFileStore folder = new BeamFileStore(slash > 0 ? args.output().substring(0, slash) : "./");
    folder.delete(List.of(file));
    Pipeline pipeline = launcher.createPipeline(JobKind.BATCH);
    PCollectionTuple listed = pipeline.apply("List", args.source().list(CHUNK_SIZE, null));
    PCollectionTuple drawn =
        listed
            .get(ListImages.CHUNKS)
            .apply(
                "Draw",
                DrawViews.of(
                        args.settings(),
                        args.seed(),
                        args.images(),
                        args.pairs(),
                        folder.location(),
                        file)
                    .withExifOrientation(args.exifOrientation())
                    .withMaxPixels(args.source().maxPixels()));
    PCollectionList.of(listed.get(ListImages.REJECTS))
        .and(drawn.get(DrawViews.REJECTS))
        .apply("Rejects", Flatten.pCollections())
        .apply("WriteRejects", WriteRejects.to(folder.location(), DrawViews.JOB));
    launcher.run(pipeline);
    List<String> rejectFile = List.of(WriteRejects.fileName(DrawViews.JOB));
    RejectSummary rejects = RejectSummary.readFiles(folder, rejectFile);
    if (rejects.total() > 0) {
      LOG.info("{}", rejects.table(folder));
    } else {
      folder.delete(rejectFile);
    }
    if (!folder.exists(file)) {
      throw args.source().withoutUsableImages(rejects);
    }
    LOG.info("Each row of {} is an image and pairs of its views.", args.output());
  }
}
