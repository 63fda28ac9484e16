package io.simclrbeam.model.encoder;

import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.tensor.TensorType;
import io.simclrbeam.model.torchscript.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The weights of an encoder as a file of others gives them, under this project's names and in
 * float32. Names may be torchvision's or those that the encoder {@linkplain Encoder#translate
 * translates}, and may all have one prefix before them, such as {@code module.}.
 *
 * <p>What the file has besides, such as a classifier, is left out. But tensors in the midst of the
 * network are not: a network with them computes something else.
 *
 * @param tensors one for each that the encoder has
 * @param prefix what was before the names in the file; empty for nothing
 * @param leftOut names in the file that are not of the encoder, but for BatchNorm's counts
 * @param reshaped what had another shape and now fits, in words
 */
public record GivenWeights(
    Map<String, Tensor> tensors, String prefix, List<String> leftOut, List<String> reshaped) {
  /** Names of the same kind are listed so far. */
  private static final int LISTED = 10;

  /** A prefix has so many parts, such as two of {@code module.encoder.}. */
  private static final int MOST_PREFIX_PARTS = 4;

  private static final int LONGEST_NAME = 100;

  /** How many batches a BatchNorm has seen, which only PyTorch wants to know. */
  private static final String BATCH_COUNT = ".num_batches_tracked";

  /**
   * Finds the weights of an encoder in a file.
   *
   * @param file its tensors by their names
   * @param imageSize side of the images in pixels
   * @throws IllegalArgumentException if there are not all of them, or more than them; it says
   *     everything that does not fit, a kind of problem in a line
   */
  public static GivenWeights of(Map<String, Tensor> file, Encoder encoder, int imageSize) {
    Map<String, TensorSpec> wanted = new LinkedHashMap<>();
    for (TensorSpec spec :
        new EncoderProgram(encoder, imageSize, Normalization.NONE).write().tensors()) {
      wanted.put(spec.name(), spec);
    }
    return new Search(encoder, wanted, prefix(file.keySet(), encoder, wanted.keySet())).in(file);
  }

  /**
   * Returns the prefix with which most names fit, the shortest of equally good ones.
   *
   * @throws IllegalArgumentException if two prefixes are, as in a file of two encoders
   */
  private static String prefix(Set<String> names, Encoder encoder, Set<String> wanted) {
    Map<String, Integer> fitting = new HashMap<>(Map.of("", 0));
    for (String name : names) {
      int from = 0;
      for (int part = 0; part <= MOST_PREFIX_PARTS && from < name.length(); part++) {
        if (wanted.contains(encoder.translate(name.substring(from)))) {
          fitting.merge(name.substring(0, from), 1, Integer::sum);
        }
        int dot = name.indexOf('.', from);
        from = dot < 0 ? name.length() : dot + 1;
      }
    }
    int most = fitting.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    List<String> best =
        fitting.entrySet().stream()
            .filter(entry -> entry.getValue() == most)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    if (best.size() > 1 && !best.get(0).isEmpty() && 2 * most > wanted.size()) {
      throw new IllegalArgumentException(
          "it has several encoders, %s; leave one of them in it"
              .formatted(list(best.stream().map(GivenWeights::shown).toList())));
    }
    return best.get(0);
  }

  /** Says what was taken, and how. */
  public String describe() {
    StringBuilder text = new StringBuilder("%d tensors".formatted(tensors.size()));
    if (!prefix.isEmpty()) {
      text.append(", whose names begin with ").append(prefix);
    }
    reshaped.forEach(what -> text.append(", ").append(what));
    if (!leftOut.isEmpty()) {
      text.append("; left out: ").append(list(leftOut));
    }
    return text.toString();
  }

  private static String list(List<String> names) {
    String first = names.stream().limit(LISTED).collect(Collectors.joining(", "));
    return names.size() <= LISTED
        ? first
        : "%s and %d more".formatted(first, names.size() - LISTED);
  }

  /** A name comes from a file that may hold anything. */
  private static String shown(String name) {
    String line = name.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= LONGEST_NAME ? line : line.substring(0, LONGEST_NAME) + "...";
  }

  /** What was found so far. */
  private static final class Search {
    private final Encoder encoder;
    private final Map<String, TensorSpec> wanted;
    private final String prefix;

    /** What the names of the network begin with, up to the first dot. */
    private final Set<String> parts = new LinkedHashSet<>();

    private final Map<String, Tensor> found = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();
    private final List<String> reshaped = new ArrayList<>();
    private final List<String> unfit = new ArrayList<>();
    private final List<String> foreign = new ArrayList<>();

    Search(Encoder encoder, Map<String, TensorSpec> wanted, String prefix) {
      this.encoder = encoder;
      this.wanted = wanted;
      this.prefix = prefix;
      wanted.keySet().forEach(name -> parts.add(part(name)));
    }

    private static String part(String name) {
      int dot = name.indexOf('.');
      return dot < 0 ? name : name.substring(0, dot);
    }

    GivenWeights in(Map<String, Tensor> file) {
      file.forEach(this::add);
      List<String> missing =
          wanted.keySet().stream().filter(name -> !found.containsKey(name)).toList();
      List<String> problems = new ArrayList<>();
      problem(
          "it lacks %d of %d tensors".formatted(missing.size(), wanted.size()), missing, problems);
      problem("of another shape or type", unfit, problems);
      problem("of layers that the network does not have", foreign, problems);
      if (!problems.isEmpty()) {
        problem("also in it", leftOut, problems);
        throw new IllegalArgumentException(String.join(System.lineSeparator(), problems));
      }
      Map<String, Tensor> inOrder = new LinkedHashMap<>(wanted.size());
      wanted.keySet().forEach(name -> inOrder.put(name, found.get(name)));
      return new GivenWeights(inOrder, shown(prefix), leftOut, reshaped);
    }

    private static void problem(String what, List<String> names, List<String> problems) {
      if (!names.isEmpty()) {
        problems.add("  %s: %s".formatted(what, list(names)));
      }
    }

    private void add(String name, Tensor tensor) {
      if (name.endsWith(BATCH_COUNT)) {
        return;
      }
      String ours =
          name.startsWith(prefix) ? encoder.translate(name.substring(prefix.length())) : "";
      @Nullable TensorSpec spec = wanted.get(ours);
      if (spec == null) {
        (parts.contains(part(ours)) ? foreign : leftOut).add(shown(name));
      } else if (found.containsKey(ours)) {
        foreign.add("%s (a second %s)".formatted(shown(name), ours));
      } else {
        found.put(ours, tensor);
        if (tensor.type() == TensorType.INT64) {
          unfit.add("%s is of integers".formatted(shown(name)));
        } else {
          fit(shown(name), tensor.toFloat32(), spec);
        }
      }
    }

    private void fit(String name, Tensor tensor, TensorSpec spec) {
      if (tensor.shape().equals(spec.shape())) {
        found.put(spec.name(), tensor);
        return;
      }
      encoder
          .reshape(spec.name(), tensor, spec.shape())
          .ifPresentOrElse(
              fitting -> {
                found.put(spec.name(), fitting);
                reshaped.add(
                    "%s interpolated from %s to %s".formatted(name, tensor.shape(), spec.shape()));
              },
              () ->
                  unfit.add(
                      "%s is %s, but must be %s".formatted(name, tensor.shape(), spec.shape())));
    }
  }
}
