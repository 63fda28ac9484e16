package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.AsOf;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Data sets that a user names, and the models in them. */
public final class CurrentViews {
  private CurrentViews() {}

  /**
   * Returns the view of the newest run's model, and says so if there are others.
   *
   * @param option that names the data set
   * @param asOf when it is read as of; null for now
   * @param report takes a sentence for people
   * @throws JobException if there is no finished run
   */
  public static CurrentView newest(
      String option, String dataset, @Nullable AsOf asOf, Consumer<String> report)
      throws IOException {
    CurrentView view;
    try {
      view = CurrentView.of(dataset, null, asOf);
    } catch (FileNotFoundException e) {
      throw missing(option, e);
    }
    if (!view.otherModels().isEmpty()) {
      report.accept(
          "%s holds embeddings of several models. Taking %s, whose run is the newest, not %s."
              .formatted(dataset, view.model(), String.join(", ", view.otherModels())));
    }
    return view;
  }

  /**
   * Returns the view of the model in a folder.
   *
   * @param option that names the data set
   * @param asOf when it is read as of; null for now
   * @throws JobException if there is no finished run of it, or no finished model
   */
  public static CurrentView ofModel(
      String option, String dataset, String folder, @Nullable AsOf asOf) throws IOException {
    try {
      String model = ModelCard.read(new BeamFileStore(folder)).id();
      CurrentView view = of(option, dataset, model, asOf);
      if (view.runs().isEmpty()) {
        throw new JobException(
            ExitCode.USAGE,
            "--model=%s is model %s, but %s holds embeddings of model %s; give the model that made them."
                .formatted(folder, model, dataset, String.join(", ", view.otherModels())));
      }
      return view;
    } catch (FileNotFoundException e) {
      throw new JobException(
          ExitCode.USAGE,
          "There is no finished model in --model=%s: no model.json. Train one with 'simclr train'."
              .formatted(folder));
    }
  }

  /**
   * Returns the view of a model that is given by its id, or by its folder.
   *
   * @param option that names the data set
   * @param asOf when it is read as of; null for now
   * @throws JobException if there is no finished run of it
   */
  public static CurrentView ofModelOrId(
      String option, String dataset, String idOrFolder, @Nullable AsOf asOf) throws IOException {
    CurrentView view = of(option, dataset, idOrFolder, asOf);
    if (!view.runs().isEmpty()) {
      return view;
    }
    if (ModelCard.exists(new BeamFileStore(idOrFolder))) {
      return ofModel(option, dataset, idOrFolder, asOf);
    }
    throw new JobException(
        ExitCode.USAGE,
        "--model=%s is neither the id of a model in %s, which holds embeddings of model %s, nor a folder with a finished model."
            .formatted(idOrFolder, dataset, String.join(", ", view.otherModels())));
  }

  private static CurrentView of(String option, String dataset, String model, @Nullable AsOf asOf)
      throws IOException {
    try {
      return CurrentView.of(dataset, model, asOf);
    } catch (FileNotFoundException e) {
      throw missing(option, e);
    }
  }

  private static JobException missing(String option, FileNotFoundException e) {
    return new JobException(
        ExitCode.UNUSABLE_INPUT, "%s: %s".formatted(option, String.valueOf(e.getMessage())));
  }
}
