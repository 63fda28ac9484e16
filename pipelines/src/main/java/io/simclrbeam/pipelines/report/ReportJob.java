package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.evaluate.Evaluation;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.PictureFile;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.progress.ProgressLine;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.model.train.MetricsFile;
import io.simclrbeam.model.train.MetricsLine;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.dataset.CurrentViews;
import io.simclrbeam.pipelines.report.Report.Missing;
import io.simclrbeam.pipelines.report.Report.Thumbnail;
import io.simclrbeam.pipelines.report.Report.Views;
import io.simclrbeam.pipelines.train.RunFile;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.NamedImages;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.views.Thumbnails;
import io.simclrbeam.transforms.views.ViewSheet;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.io.FileSystems;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a page about a model and its embeddings: one HTML file that needs no network. Runs in this
 * process, without a pipeline.
 */
public final class ReportJob {
  private static final Logger LOG = LoggerFactory.getLogger(ReportJob.class);

  /** Fewer images make no map. */
  private static final int LEAST_POINTS = 3;

  /** Thumbnails from one line of progress to the next. */
  private static final int PROGRESS = 5_000;

  private static final int VIEWED_IMAGES = 5;
  private static final int VIEWED_PAIRS = 2;
  private static final float SHEET_QUALITY = 0.8f;

  /** Sides of thumbnails in pixels, by the number of images. */
  private static final int LARGE = 48;

  private static final int MIDDLE = 24;
  private static final int SMALL = 16;
  private static final int FEW = 5_000;
  private static final int MANY = 30_000;

  /** So that a page stays below 10 MB with 20,000 images and below 25 MB with 100,000. */
  private static final long THUMBNAIL_BYTES = 3_500_000;

  private static final long THUMBNAIL_BYTES_OF_AN_IMAGE = 75;

  private static final float[] QUALITIES = {0.85f, 0.7f, 0.55f, 0.4f, 0.25f, 0.1f};

  private final ReportArgs args;
  private final PrintWriter out;
  private final List<Missing> missing = new ArrayList<>();

  private ReportJob(ReportArgs args, PrintWriter out) {
    this.args = args;
    this.out = out;
  }

  /**
   * Writes the page.
   *
   * @param program name and version of the program
   * @throws JobException if there is no such model or data set, or they do not belong together
   * @throws IOException if reading or writing fails
   */
  public static void run(ReportArgs args, String program, PrintWriter out) throws IOException {
    new ReportJob(args, out).run(program);
  }

  /** The folder of a model, finished or not. */
  private record Training(
      TrainingSettings settings, @Nullable ModelCard card, List<MetricsLine> lines) {}

  /** What is shown of a data set. */
  private record Shown(String model, Report.DataSet dataSet, EmbeddingSample sample) {}

  private void run(String program) throws IOException {
    Training training = training();
    Shown shown = shown(training);
    Report.EvaluationPart evaluation = evaluation(training, shown);
    PackedArrays arrays = new PackedArrays();
    List<byte[]> sheets = new ArrayList<>();
    Views views = training == null || shown == null ? null : views(training, shown.sample);
    Report.MapPart map = shown == null ? null : map(shown.sample, arrays, sheets);
    String model =
        training != null && training.card != null
            ? training.card.id()
            : shown != null ? shown.model : "in training";
    Report report =
        new Report(
            "Model " + model,
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            program,
            List.copyOf(missing),
            training == null ? null : ModelSection.of(training.settings, training.card),
            training == null || training.lines.isEmpty()
                ? null
                : TrainingSection.of(training.settings, training.lines),
            evaluation,
            shown == null ? null : shown.dataSet,
            views,
            map);
    Page page = new Page(report);
    if (map != null) {
      page.addBlock("arrays", arrays.encode());
    }
    for (int i = 0; i < sheets.size(); i++) {
      page.addBlock("sheet-" + i, Base64.getEncoder().encodeToString(sheets.get(i)));
    }
    byte[] html = page.html().getBytes(StandardCharsets.UTF_8);
    BeamFiles.replace(
        FileSystems.matchNewResource(args.output(), false), "text/html", file -> file.write(html));
    out.printf(
        "The report is in %s, %s%s.%n",
        args.output(),
        Numbers.bytes(html.length),
        map == null ? "" : ", with a map of " + described(map));
    if (map != null && args.table() != null) {
      out.printf("The points of the map are in %s.%n", args.table());
    }
    missing.forEach(part -> out.printf("It lacks: %s. %s%n", part.part(), part.how()));
  }

  private static String described(Report.MapPart map) {
    return map.points() == map.images()
        ? "all " + Numbers.count(map.points(), "image")
        : Numbers.part(map.points(), map.images(), "image");
  }

  private void lack(String part, String how) {
    missing.add(new Missing(part, how));
  }

  private @Nullable Training training() throws IOException {
    if (args.model() == null) {
      lack(
          "Model, training curves and views", "Give --model=FOLDER, the folder of 'simclr train'.");
      return null;
    }
    BeamFileStore store = new BeamFileStore(args.model());
    if (!RunFile.exists(store) && !ModelCard.exists(store)) {
      throw new JobException(
          ExitCode.USAGE,
          "There is no model in --model=%s: neither model.json nor run.json. 'simclr train' makes them."
              .formatted(args.model()));
    }
    @Nullable ModelCard card = ModelCard.exists(store) ? ModelCard.read(store) : null;
    TrainingSettings settings = card == null ? RunFile.read(store) : card.settings();
    List<MetricsLine> lines = MetricsFile.read(store, card == null ? Long.MAX_VALUE : card.steps());
    if (lines.isEmpty()) {
      lack("Training curves", "There is no step in metrics.jsonl of the model yet.");
    } else if (lines.stream().allMatch(line -> line.probeRankme() == null)) {
      lack("kNN and RankMe during training", "'simclr train --probeEpochs=1' measures them.");
    }
    return new Training(settings, card, lines);
  }

  private @Nullable Shown shown(@Nullable Training training) throws IOException {
    String folder = args.embeddings();
    if (folder == null) {
      lack("Data set and map", "Give --embeddings=FOLDER, the data set of 'simclr embed'.");
      return null;
    }
    CurrentView view =
        training != null && training.card != null && args.model() != null
            ? CurrentViews.ofModel("--embeddings", folder, args.model(), args.asOf())
            : CurrentViews.newest("--embeddings", folder, args.asOf(), out::println);
    LOG.info("Reading {}, model {}.", folder, view.model());
    EmbeddingSample sample = EmbeddingSample.of(view, args.points());
    if (sample.notFinite() > 0) {
      lack(
          Numbers.count(sample.notFinite(), "image"),
          "Their embeddings hold infinite numbers or NaN.");
    }
    return new Shown(view.model(), DataSetSection.of(folder, view, sample.all()), sample);
  }

  private Report.@Nullable EvaluationPart evaluation(
      @Nullable Training training, @Nullable Shown shown) throws IOException {
    String file = args.evaluation();
    if (file == null) {
      lack("Evaluation", "Give --evaluation=FILE. 'simclr evaluate --output=FILE' writes it.");
      return null;
    }
    record Results(@Nullable String modelId, Evaluation evaluation) {}
    Results results;
    try (InputStream in =
        Channels.newInputStream(BeamFiles.open(FileSystems.matchNewResource(file, false)))) {
      results =
          Json.read(
              in,
              file,
              "Write it again with 'simclr evaluate --output=FILE'.",
              json ->
                  new Results(
                      json.path("model_id").textValue(),
                      Json.MAPPER.treeToValue(json, Evaluation.class)));
    } catch (FileNotFoundException e) {
      throw new JobException(
          ExitCode.USAGE,
          "There is no file --evaluation=%s. 'simclr evaluate --output=FILE' writes it."
              .formatted(file));
    }
    @Nullable String model =
        training != null && training.card != null
            ? training.card.id()
            : shown == null ? null : shown.model;
    if (model != null && !model.equals(results.modelId)) {
      throw new JobException(
          ExitCode.USAGE,
          "--evaluation=%s is of model %s, but the report is about model %s."
              .formatted(file, results.modelId, model));
    }
    return EvaluationSection.of(results.evaluation);
  }

  private Report.@Nullable MapPart map(
      EmbeddingSample sample, PackedArrays arrays, List<byte[]> sheets) throws IOException {
    List<Embedding> images = sample.images();
    if (images.size() < LEAST_POINTS) {
      lack(
          "Map",
          "There must be at least %d images, but there are %,d."
              .formatted(LEAST_POINTS, images.size()));
      return null;
    }
    Thumbnails drawn = thumbnails(images);
    LOG.info(
        "Comparing {} with each other, and laying them out.",
        Numbers.count(images.size(), "image"));
    ImageMap map = ImageMap.of(images, args.neighbors(), args.seed());
    String table = args.table();
    if (table != null) {
      MapTable.write(map, drawn, args.neighbors(), QUALITIES[0], table);
    }
    return MapSection.of(
        map, sample.all(), args.neighbors(), encoded(drawn, images.size(), sheets), arrays);
  }

  private Thumbnails thumbnails(List<Embedding> images) {
    int side = images.size() <= FEW ? LARGE : images.size() <= MANY ? MIDDLE : SMALL;
    Thumbnails drawn =
        Thumbnails.of(
            images.stream().map(ReportJob::name).toList(),
            side,
            done -> {
              if (done % PROGRESS == 0 || done == images.size()) {
                ProgressLine.log(
                    LOG.atInfo(), "%,d of %,d thumbnails drawn".formatted(done, images.size()));
              }
            });
    if (drawn.missing() > 0) {
      lack(
          "Thumbnails of " + Numbers.part(drawn.missing(), images.size(), "image"),
          "They could not be read from where they were when they were embedded.");
    }
    return drawn;
  }

  /** Encodes sheets as well as there is room for; returns null if there is nothing on them. */
  private static @Nullable Thumbnail encoded(Thumbnails drawn, int images, List<byte[]> sheets) {
    if (drawn.missing() == images) {
      return null;
    }
    long room = THUMBNAIL_BYTES + THUMBNAIL_BYTES_OF_AN_IMAGE * images;
    for (float quality : QUALITIES) {
      sheets.clear();
      drawn.sheets().forEach(sheet -> sheets.add(PictureFile.jpeg(sheet, quality)));
      if (sheets.stream().mapToLong(sheet -> sheet.length).sum() <= room) {
        break;
      }
    }
    return new Thumbnail(drawn.side(), drawn.columns(), drawn.columns(), sheets.size(), images);
  }

  private @Nullable Views views(Training training, EmbeddingSample sample) {
    List<NamedImages.Name> some =
        sample.images().stream()
            .sorted(EmbeddingSample.ORDER)
            .limit(4 * VIEWED_IMAGES)
            .map(ReportJob::name)
            .toList();
    Map<NamedImages.Name, ImageRef> found = NamedImages.find(some);
    List<NamedImages.Name> there = some.stream().filter(found::containsKey).toList();
    ViewSheet sheet =
        new ViewSheet(training.settings.views(), training.settings.seed(), VIEWED_PAIRS);
    ImageDecoder decoder = new ImageDecoder(training.settings.exifOrientation());
    try (ImageReader reader = ImageReader.outsideJobs(there.stream().map(found::get).toList())) {
      for (NamedImages.Name name : there) {
        if (sheet.rows() < VIEWED_IMAGES) {
          try {
            RgbImage image = decoder.decode(reader.next());
            sheet.add(name.id(), image);
          } catch (RejectedImageException e) {
            LOG.debug("{} is not drawn.", name.id(), e);
          }
        }
      }
    }
    if (sheet.rows() == 0) {
      lack("Views", "No image could be read from where it was when it was embedded.");
      return null;
    }
    return new Views(
        "data:image/jpeg;base64,"
            + Base64.getEncoder().encodeToString(PictureFile.jpeg(sheet.draw(), SHEET_QUALITY)),
        "Each row is an image and pairs of its views, as training sees them.");
  }

  private static NamedImages.Name name(Embedding image) {
    return new NamedImages.Name(image.id(), image.uri());
  }
}
