package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.AsOf;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.ExportView;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Writes the current embeddings of a data set to one file. Runs in this process. */
public final class ExportJob {
  private ExportJob() {}

  /**
   * Writes the file and says what is in it.
   *
   * @param model id of the model whose embeddings are written, or its folder; null for the model of
   *     the newest run
   * @param asOf when the data set is read as of; null for now
   * @throws JobException if there is no finished run, or none of the model
   */
  public static void run(
      String dataset,
      @Nullable String model,
      @Nullable AsOf asOf,
      ExportView export,
      PrintWriter out)
      throws IOException {
    CurrentView view =
        model == null
            ? CurrentViews.newest("DATASET", dataset, asOf, out::println)
            : CurrentViews.ofModelOrId("DATASET", dataset, model, asOf);
    long images = export.write(view);
    out.printf(
        "Wrote %s of %s of model %s to %s.%n",
        Numbers.count(images, "image"),
        Numbers.count(view.runs().size(), "published run"),
        view.model(),
        String.join(", ", export.files()));
  }
}
