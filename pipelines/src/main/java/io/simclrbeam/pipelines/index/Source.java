package io.simclrbeam.pipelines.index;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.images.Finding;
import io.simclrbeam.transforms.images.ImageFilter;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.images.PassedOver;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.images.ShardFormats;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.index.ReadManifest;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.LocalPaths;
import io.simclrbeam.transforms.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;

/**
 * Where images are: inputs, or the manifest of inputs that were indexed before.
 *
 * @param inputs folders, globs, files or shards; none if there is a manifest
 * @param fields of records and samples in shards
 * @param filter of the images of the inputs
 * @param maxPixels a picture of more pixels is rejected
 * @param manifest folder of a manifest, or null
 */
public record Source(
    List<String> inputs,
    RecordFields fields,
    ImageFilter filter,
    long maxPixels,
    @Nullable String manifest) {
  private static final int ANSWER_SECONDS = 60;
  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

  /**
   * Returns the images as {@link ListImages} yields them.
   *
   * @param job whose progress counts what is found; null for none
   */
  public PTransform<PBegin, PCollectionTuple> list(int chunkSize, @Nullable String job) {
    return manifest != null
        ? ReadManifest.in(manifest, chunkSize).withProgressOf(job)
        : listInputs(chunkSize).withProgressOf(job);
  }

  /**
   * Returns the images without reading files that are as they were when they were read before. What
   * a manifest lists is not read anyway.
   *
   * @param known what was found in files, by their addresses
   */
  public PTransform<PBegin, PCollectionTuple> listNews(
      int chunkSize, PTransform<PBegin, PCollection<KV<String, Finding>>> known) {
    return manifest != null ? list(chunkSize, null) : listInputs(chunkSize).withKnown(known);
  }

  private ListImages listInputs(int chunkSize) {
    return ListImages.in(inputs).withFields(fields).withFilter(filter).withChunkSize(chunkSize);
  }

  /** Says what else than the inputs decides which images are found in a file. */
  public String reading() {
    return "%s %s %d".formatted(fields, filter, maxPixels);
  }

  /**
   * Makes sure that the manifest is there, if one is given, that the file systems of the inputs
   * answer, and that each input matches a file. A pipeline would report it less clearly, after many
   * attempts, or take what is there for all there is.
   *
   * @throws JobException if the manifest is missing, a file system does not answer, or an input
   *     matches nothing
   */
  public void check() throws IOException {
    List<String> unmatched = new ArrayList<>();
    PassedOver passedOver = new PassedOver();
    for (String input : inputs) {
      Callable<Boolean> reaching =
          () -> {
            ListImages.checkReachable(input);
            return true;
          };
      if (ask(input, reaching).isEmpty()) {
        throw unreachable(input, "no answer within %d seconds".formatted(ANSWER_SECONDS));
      }
      // A listing that takes longer than that has found much.
      Optional<PassedOver> all =
          ask(input, () -> ListImages.onlyPassedOver(input, filter)).flatMap(Function.identity());
      if (all.isPresent()) {
        unmatched.add("--input=%s%s".formatted(input, state(input)));
        passedOver.addAll(all.get());
      }
    }
    if (!unmatched.isEmpty()) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "No file matches %s. Check the path, and that what it leads to is mounted. An input is a folder, a glob, an image file or a shard (%s).%s"
              .formatted(
                  String.join(" or ", unmatched),
                  String.join(", ", ShardFormats.suffixes()),
                  passedOver.isEmpty()
                      ? ""
                      : " Passed over: %s.".formatted(passedOver.describe())));
    }
    List<ImageRef> same = ListImages.sameIds(inputs, filter);
    if (!same.isEmpty()) {
      throw new JobException(
          ExitCode.USAGE,
          "Two inputs have the id %s: %s and %s. An id is the path below its --input, and tells images apart. Give the folder above both as --input, or leave one out with --exclude."
              .formatted(same.get(0).id(), same.get(0).uri(), same.get(1).uri()));
    }
    if (manifest != null && !new BeamFileStore(manifest).exists(Manifest.FILE)) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "There is no %s in --manifest=%s. Make one with 'simclr index'."
              .formatted(Manifest.FILE, manifest));
    }
  }

  /** Says in parentheses what is at an input that matches nothing, if that can be told. */
  private static String state(String input) {
    if (!LocalPaths.isLocal(input)) {
      return "";
    }
    Path path = LocalPaths.of(input);
    if (Files.isDirectory(path)) {
      return " (a folder without images)";
    }
    return GLOB.matcher(input).find() || Files.exists(path)
        ? ""
        : " (there is no %s)".formatted(path.toAbsolutePath());
  }

  /**
   * Returns the number of images, as far as that can be told without reading any; empty if it
   * cannot.
   *
   * @param most is returned if there are more
   */
  public OptionalLong countUpTo(int most) throws IOException {
    return manifest != null
        ? OptionalLong.of(Math.min(most, Manifest.count(new BeamFileStore(manifest))))
        : ListImages.countUpTo(inputs, filter, most);
  }

  /** Returns the end of a job that found no image it can use. */
  public JobException withoutUsableImages(RejectSummary rejects) {
    boolean fields =
        rejects.reasons().values().stream().anyMatch(reason -> reason.detail().contains("field"));
    return new JobException(
        ExitCode.UNUSABLE_INPUT,
        "No usable image in %s. Looked for images in folders, globs, single files and shards (%s); %s.%s"
            .formatted(
                this,
                String.join(", ", ShardFormats.suffixes()),
                rejects.describe(),
                fields ? " --imageField and --labelField name the fields of records." : ""));
  }

  /** Returns what a file system answers; nothing if it takes longer than a minute. */
  private static <T> Optional<T> ask(String input, Callable<T> question) {
    FutureTask<T> asking = new FutureTask<>(question);
    // Clients go on trying for many minutes; nothing can stop them.
    Thread thread = new Thread(asking, "check-input");
    thread.setDaemon(true);
    thread.start();
    try {
      return Optional.of(asking.get(ANSWER_SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      if (cause instanceof IllegalArgumentException unknown) {
        throw unknown;
      }
      throw unreachable(input, StorageException.reason(cause));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static JobException unreachable(String input, String why) {
    return new JobException(
        ExitCode.UNUSABLE_INPUT,
        "--input=%s cannot be reached: %s. Check the address, the network, and the credentials that the file system's own tools use."
            .formatted(input, why));
  }

  /** Returns the inputs, and the globs that choose images of them, as a manifest has them. */
  public List<String> asked() {
    return Manifest.asked(inputs, filter);
  }

  /** Returns the addresses of the inputs, or of the manifest, from any working folder. */
  public List<String> places() {
    return manifest != null
        ? List.of(new BeamFileStore(manifest).location())
        : inputs.stream().map(LocalPaths::absolute).toList();
  }

  /** Returns the options that stand for this. */
  @Override
  public String toString() {
    return manifest != null
        ? "--manifest=" + manifest
        : Stream.concat(
                inputs.stream().map(path -> "--input=" + path),
                filter.describe().stream().map(glob -> "--" + glob))
            .collect(Collectors.joining(" "));
  }
}
