package io.simclrbeam.transforms.dedup;

import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.images.NamedImages;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.views.ImageSheet;
import io.simclrbeam.transforms.views.ImageSheet.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * Draws groups of near duplicates for people to judge the threshold by: those first whose images
 * are least similar. A row has the image that is kept, then the others, the least similar first.
 */
public final class DrawGroups {
  private static final Comparator<GenericRecord> SIMILARITY =
      Comparator.comparing((GenericRecord image) -> (Double) image.get("similarity"))
          .thenComparing(GroupRecord::id);

  private DrawGroups() {}

  /** A group; the kept image is the first. */
  private record Group(List<GenericRecord> images) {
    double least() {
      return (Double) images.get(1).get("similarity");
    }

    String name() {
      return GroupRecord.id(images.get(0));
    }
  }

  private static final Comparator<Group> ORDER =
      Comparator.comparingDouble(Group::least).thenComparing(Group::name);

  /**
   * Writes a sheet of the groups in a folder of results, and tells what it shows.
   *
   * @param folder of results that are finished
   * @param file that {@link io.simclrbeam.model.image.PictureFile} knows
   * @return a sentence
   */
  public static String write(String folder, String file) throws IOException {
    BeamFileStore store = new BeamFileStore(folder);
    DedupManifest manifest = DedupManifest.read(store);
    PriorityQueue<Group> doubtful = new PriorityQueue<>(ORDER.reversed());
    for (RunManifest.File part : manifest.files()) {
      if (part.name().startsWith(DedupFile.GROUPS)) {
        read(store, part.name(), doubtful);
      }
    }
    List<Group> groups = doubtful.stream().sorted(ORDER).toList();
    List<List<Picture>> rows = groups.stream().map(DrawGroups::row).toList();
    long imagesLeftOut =
        groups.stream()
            .mapToLong(g -> Math.max(0, g.images().size() - ImageSheet.MOST_COLUMNS))
            .sum();
    String what =
        "%,d of %,d groups, the least similar first%s"
            .formatted(
                groups.size(),
                manifest.counts().groups(),
                imagesLeftOut == 0
                    ? ""
                    : "; %,d more similar images of them are left out".formatted(imagesLeftOut));
    return ImageSheet.write(file, rows, what);
  }

  /** Groups lie together in a file, the kept image first. */
  private static void read(BeamFileStore store, String name, PriorityQueue<Group> doubtful)
      throws IOException {
    try (DataFileStream<GenericRecord> records =
        new DataFileStream<>(store.open(name), new GenericDatumReader<>())) {
      List<GenericRecord> group = new ArrayList<>();
      for (GenericRecord record : records) {
        if (GroupRecord.isKept(record)) {
          offer(group, doubtful);
          group = new ArrayList<>();
        }
        group.add(record);
      }
      offer(group, doubtful);
    }
  }

  private static void offer(List<GenericRecord> images, PriorityQueue<Group> doubtful) {
    if (images.isEmpty()) {
      return;
    }
    images.subList(1, images.size()).sort(SIMILARITY);
    doubtful.add(new Group(images));
    if (doubtful.size() > ImageSheet.MOST_ROWS) {
      doubtful.remove();
    }
  }

  private static List<Picture> row(Group group) {
    List<Picture> row = new ArrayList<>();
    for (GenericRecord image : group.images()) {
      if (row.size() < ImageSheet.MOST_COLUMNS) {
        row.add(
            new Picture(
                new NamedImages.Name(GroupRecord.id(image), image.get("uri").toString()),
                row.isEmpty()
                    ? "kept"
                    : String.format(Locale.ROOT, "%.4f", (Double) image.get("similarity"))));
      }
    }
    return row;
  }
}
