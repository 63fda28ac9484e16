package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.model.neighbors.Neighbor;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.dataset.CurrentViews;
import io.simclrbeam.pipelines.neighbors.ImageSearch.Query;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.images.NamedImages;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.views.ImageSheet;
import io.simclrbeam.transforms.views.ImageSheet.Picture;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.io.FileSystems;

/** Finds the images nearest to given ones. Runs in this process, without a pipeline. */
public final class NeighborsJob {
  /** The most images that are compared one by one if nothing else is asked for. */
  private static final long MOST_EXACT = 1_000_000;

  private NeighborsJob() {}

  /**
   * Prints neighbors, and writes them if a file is asked for.
   *
   * @throws JobException if a query is unknown, or the data set or the model cannot be used
   * @throws IOException if reading or writing fails
   */
  public static void run(NeighborsArgs args, PrintWriter out) throws IOException {
    CurrentView view =
        args.model() == null
            ? CurrentViews.newest("--embeddings", args.embeddings(), args.asOf(), out::println)
            : CurrentViews.ofModel("--embeddings", args.embeddings(), args.model(), args.asOf());
    boolean exact =
        args.search() == NeighborsArgs.Search.EXACT
            || (args.search() == NeighborsArgs.Search.AUTO && view.mostImages() <= MOST_EXACT);
    try (ImageSearch search = exact ? new ExactImages(view) : IndexFolder.of(args).open(view)) {
      List<Query> queries = queries(args, view, search);
      List<List<Neighbor>> nearest = search.nearest(queries, args.k() + 1); // with itself
      List<NeighborsResult.Answer> answers = new ArrayList<>();
      for (int i = 0; i < queries.size(); i++) {
        answers.add(NeighborsResult.Answer.of(queries.get(i), nearest.get(i), args.k()));
      }
      NeighborsResult result =
          new NeighborsResult(
              view.model(),
              exact ? "exact" : "hnsw",
              search.images(),
              args.k(),
              search.recall(args.k()),
              answers);
      result.print(out);
      String output = args.output();
      if (output != null) {
        write(result, output);
        out.printf("The neighbors are in %s.%n", output);
      }
      String sheet = args.sheet();
      if (sheet != null) {
        out.println(draw(queries, answers, sheet));
      }
    }
  }

  /** Returns the queries in the order they were given. */
  private static List<Query> queries(NeighborsArgs args, CurrentView view, ImageSearch search)
      throws IOException {
    Map<String, Query> known = new LinkedHashMap<>();
    if (args.model() != null) {
      known.putAll(QueryImages.encode(QueryImages.read(args.queries()), args, view));
    }
    Set<String> ids = new LinkedHashSet<>(args.queries());
    ids.removeAll(known.keySet());
    known.putAll(search.find(ids));
    ids.removeAll(known.keySet());
    if (!ids.isEmpty()) {
      throw unknown(ids, args, view);
    }
    List<Query> queries = new ArrayList<>();
    for (String given : args.queries()) {
      Query query = known.get(given);
      if (query != null) {
        queries.add(query);
      }
    }
    for (Query query : queries) {
      if (!Cosine.hasDirection(query.vector())) {
        throw new JobException(
            ExitCode.UNUSABLE_INPUT,
            "The embedding of %s is all zeros or not finite, and therefore near nothing."
                .formatted(query.given()));
      }
    }
    return queries;
  }

  private static JobException unknown(Set<String> ids, NeighborsArgs args, CurrentView view)
      throws IOException {
    Map<String, ClosestIds> closest = new LinkedHashMap<>();
    ids.forEach(id -> closest.put(id, new ClosestIds(id)));
    view.forEach(() -> image -> closest.values().forEach(guess -> guess.offer(image.id())));
    Set<String> files = QueryImages.read(ids).keySet();
    List<String> problems = new ArrayList<>();
    closest.forEach(
        (id, guess) -> {
          List<String> names = guess.closest();
          String hint =
              files.contains(id) && args.model() == null
                  ? "; to look for an image file, give its --model too"
                  : names.isEmpty() ? "" : "; did you mean %s?".formatted(either(names));
          problems.add("There is no image %s in %s%s".formatted(id, args.embeddings(), hint));
        });
    return new JobException(ExitCode.USAGE, String.join(System.lineSeparator(), problems));
  }

  private static String either(List<String> names) {
    int last = names.size() - 1;
    return last == 0
        ? names.get(0)
        : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  /** Draws a row for each query, and returns a sentence on what is drawn. */
  private static String draw(List<Query> queries, List<NeighborsResult.Answer> answers, String file)
      throws IOException {
    List<List<Picture>> rows = new ArrayList<>();
    int most = 0;
    for (int i = 0; i < Math.min(queries.size(), ImageSheet.MOST_ROWS); i++) {
      Query query = queries.get(i);
      List<Picture> row = new ArrayList<>();
      row.add(new Picture(new NamedImages.Name(query.given(), query.uri()), "query"));
      for (NeighborsResult.Ranked neighbor : answers.get(i).neighbors()) {
        if (row.size() < ImageSheet.MOST_COLUMNS) {
          row.add(
              new Picture(
                  new NamedImages.Name(neighbor.id(), neighbor.uri()),
                  String.format(Locale.ROOT, "%.4f", neighbor.similarity())));
        }
      }
      most = Math.max(most, answers.get(i).neighbors().size());
      rows.add(row);
    }
    String what =
        "%s with %s"
            .formatted(
                Numbers.part(rows.size(), queries.size(), "query"),
                Numbers.part(Math.min(most, ImageSheet.MOST_COLUMNS - 1), most, "neighbor"));
    return ImageSheet.write(file, rows, what);
  }

  private static void write(NeighborsResult result, String file) throws IOException {
    BeamFiles.write(
        FileSystems.matchNewResource(file, false),
        "application/json",
        out -> Json.PRETTY.writeValue(out, result));
  }
}
