package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds images again that records name by their ids and files. A file that is no shard is the
 * image. A shard is scanned once for all images in it, with the usual {@link RecordFields}.
 */
public final class NamedImages {
  private static final Logger LOG = LoggerFactory.getLogger(NamedImages.class);

  private NamedImages() {}

  /**
   * An image.
   *
   * @param id that it was listed with
   * @param uri of the file that it is in
   */
  public record Name(String id, String uri) {}

  /** Returns where images are; those that are not found, or whose file is damaged, are left out. */
  public static Map<Name, ImageRef> find(Collection<Name> images) {
    Map<String, List<Name>> byFile = new LinkedHashMap<>();
    for (Name image : images) {
      byFile.computeIfAbsent(image.uri(), uri -> new ArrayList<>()).add(image);
    }
    Map<Name, ImageRef> found = new HashMap<>();
    byFile.forEach(
        (uri, inFile) -> {
          try {
            find(uri, inFile, found);
          } catch (IOException | RuntimeException e) {
            LOG.debug("Images of {} are not found.", uri, e);
          }
        });
    return found;
  }

  private static void find(String uri, List<Name> images, Map<Name, ImageRef> found)
      throws IOException {
    if (ShardFormats.of(uri).isPresent()
        || ShardFormats.beginning(ShardFormats.firstBytes(uri)).isPresent()) {
      ShardFormats.scan(new Shard("", uri), RecordFields.AUTO, new Match(images, found));
      return;
    }
    try (SeekableByteChannel file = Shard.open(uri)) {
      for (Name image : images) {
        found.put(image, ImageRef.range(image.id(), uri, 0, file.size(), null));
      }
    }
  }

  /**
   * Takes the images of a shard of which only the file is known, not its place below an input. An
   * id is that place, which is an end of the file's name, and then the name in the shard.
   */
  private record Match(
      Map<String, List<Name>> byNameInShard, Map<Name, ImageRef> found, PassedOver passedOver)
      implements ShardFormat.Found {
    Match(List<Name> images, Map<Name, ImageRef> found) {
      this(new HashMap<>(), found, new PassedOver());
      for (Name image : images) {
        String id = image.id();
        for (int place = 0; place <= id.length(); place++) {
          if (image.uri().endsWith(id.substring(0, place))) {
            byNameInShard
                .computeIfAbsent(id.substring(place), name -> new ArrayList<>())
                .add(image);
          }
        }
      }
    }

    @Override
    public void image(ImageRef candidate) {
      for (Name image : byNameInShard.getOrDefault(candidate.id(), List.of())) {
        found.put(image, candidate);
      }
    }

    @Override
    public void reject(String id, RejectReason reason, String detail) {
      // It is not in the data set.
    }
  }
}
