package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.index.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code _DEDUP.json}: what a search for near duplicates found.
 *
 * @param modelId of the embeddings
 * @param threshold least cosine similarity of near duplicates
 * @param seed of the sample that the cells were learned from
 * @param cells that the images were divided into
 * @param maxCopies that an image was allowed
 * @param counts of images
 * @param files groups and lists of what to keep
 */
public record DedupManifest(
    String modelId,
    double threshold,
    long seed,
    long cells,
    int maxCopies,
    Counts counts,
    List<RunManifest.File> files) {

  private static final String NAME = "_DEDUP.json";
  private static final String RESULTS = "groups-\\d+\\.avro|keep-\\d+\\.txt|" + NAME;

  /**
   * Numbers of images, and of copies of them.
   *
   * @param images in the current view
   * @param groups of two or more
   * @param duplicates images not to keep
   * @param kept images to keep
   * @param withoutDirection images whose embedding is all zeros; they are similar to none, and kept
   * @param copies compared in further cells
   * @param copiesLeftOut that would have been needed to find all pairs
   * @param imagesLeftOut images some of whose copies were left out
   * @param manifest images of the manifest that was filtered; null if there was none
   * @param manifestMatched images of it that the data set has an embedding of, by id and content;
   *     null likewise
   */
  public record Counts(
      long images,
      long groups,
      long duplicates,
      long kept,
      long withoutDirection,
      long copies,
      long copiesLeftOut,
      long imagesLeftOut,
      @Nullable Long manifest,
      @Nullable Long manifestMatched) {}

  /** The folder, in that of the results, of a manifest without duplicates. */
  public static final String KEPT_MANIFEST = "keep-manifest/";

  /** Returns whether a folder holds the results of a search for near duplicates. */
  public static boolean exists(FileStore folder) throws IOException {
    return folder.exists(NAME);
  }

  /**
   * Removes the results that are in a folder, those of an unfinished search too. The mark of
   * success goes first, so that no reader takes what is left for a result.
   */
  public static void delete(FileStore folder) throws IOException {
    if (exists(folder)) {
      folder.delete(List.of(RunManifest.SUCCESS));
    }
    folder.delete(
        folder.list("").stream()
            .filter(name -> name.matches(RESULTS + "|" + KEPT_MANIFEST + Manifest.FILE))
            .toList());
  }

  /**
   * Reads the manifest in a folder.
   *
   * @throws java.io.FileNotFoundException if there is none
   * @throws io.simclrbeam.model.storage.DamagedFileException if it is not what was written
   */
  public static DedupManifest read(FileStore folder) throws IOException {
    try (InputStream in = folder.open(NAME)) {
      return Json.read(
          in,
          folder.location() + NAME,
          "Run 'simclr dedup' again.",
          json -> Json.MAPPER.treeToValue(json, DedupManifest.class));
    }
  }

  void write(FileStore folder) throws IOException {
    byte[] bytes = Json.PRETTY.writeValueAsBytes(this);
    folder.write(NAME, out -> out.write(bytes));
  }
}
