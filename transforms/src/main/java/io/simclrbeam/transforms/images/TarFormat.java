package io.simclrbeam.transforms.images;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.storage.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Tar files of images, in class folders or by the convention of WebDataset: entries in a row whose
 * names are the same up to the first dot belong together, and {@code .cls}, {@code .json} or {@code
 * .txt} beside an image gives its label. Images are ranges of the file.
 */
public final class TarFormat implements ShardFormat {
  private static final List<String> JSON_LABELS = List.of("label", "class", "cls");
  private static final List<String> COMPANIONS = List.of("cls", "json", "txt");
  private static final int LARGEST_COMPANION = 1 << 20;

  @Override
  public List<String> suffixes() {
    return List.of(".tar");
  }

  /** Finds images by reading headers and labels only. */
  @Override
  public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
    Scan scan = new Scan(shard, found);
    try {
      scan.scanEntries();
    } finally {
      scan.endGroup(); // images before the damage are found
    }
  }

  /** The entries of one file, read in a row. */
  private static final class Scan {
    private final Shard shard;
    private final Found found;
    private final Map<String, Integer> names = new HashMap<>();
    private String key = "";
    private final List<ImageRef> images = new ArrayList<>();
    private final List<ImageRef> companions = new ArrayList<>();
    private @Nullable String label;
    private int labelRank;

    Scan(Shard shard, Found found) {
      this.shard = shard;
      this.found = found;
    }

    private void scanEntries() throws IOException {
      try (SeekableByteChannel channel = Shard.open(shard.uri());
          InputStream in = Channels.newInputStream(channel);
          TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
        long size = channel.size();
        for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
          // Headers are read to the byte, so the channel now stands where the entry's bytes start.
          long offset = channel.position();
          if (entry.getSize() > size - offset) {
            throw new IOException(
                "entry %s claims %d bytes, but only %d follow"
                    .formatted(entry.getName(), entry.getSize(), size - offset));
          }
          String name = below(entry.getName());
          if (name.isEmpty() || InputSpec.isPassedOver(name)) {
            continue;
          }
          if (entry.isSymbolicLink() || entry.isLink()) {
            reject(
                name,
                "a link to %s; links in a tar are not followed: write it with tar --dereference --hard-dereference"
                    .formatted(entry.getLinkName()));
          } else if (entry.isSparse()) {
            reject(name, "a sparse entry, whose bytes are not in a row; write it without --sparse");
          } else if (entry.isFile()) {
            add(name, entry.getSize(), offset, tar);
          }
        }
      }
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
      long position = tar.getBytesRead();
      String doubt = position == 0 ? "; is it compressed, or no tar?" : "";
      TarArchiveEntry entry;
      try {
        entry = tar.getNextEntry();
      } catch (IOException e) {
        throw new IOException("a header makes no sense%s (%s)".formatted(doubt, e.getMessage()), e);
      }
      if (entry != null && !entry.isCheckSumOK()) {
        throw new IOException("a header has a wrong checksum" + doubt);
      }
      return entry;
    }

    /** Returns a name without parts that lead out of the shard: names become parts of ids. */
    private static String below(String name) {
      Deque<String> parts = new ArrayDeque<>();
      for (String part : name.split("/", -1)) {
        if (part.equals("..")) {
          parts.pollLast();
        } else if (!part.isEmpty() && !part.equals(".")) {
          parts.addLast(part);
        }
      }
      return String.join("/", parts);
    }

    private void reject(String name, String detail) {
      found.reject(id(name), RejectReason.UNREADABLE, detail);
    }

    /** Returns an id. A name that comes again, as in a tar that was appended to, gets a number. */
    private String id(String name) {
      int count = names.merge(name, 1, Integer::sum);
      return shard.id() + "/" + (count == 1 ? name : name + "#" + count);
    }

    private void add(String name, long size, long offset, InputStream content) throws IOException {
      int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
      String entryKey = dot < 0 ? name : name.substring(0, dot);
      if (!entryKey.equals(key)) {
        endGroup();
        key = entryKey;
      }
      ImageRef ref =
          ImageRef.range(id(name), shard.uri(), offset, size, InputSpec.folderName(name));
      int rank = COMPANIONS.indexOf(dot < 0 ? "" : name.substring(dot + 1));
      if (rank < 0) {
        images.add(ref);
        return;
      }
      companions.add(ref);
      if (size <= LARGEST_COMPANION && (label == null || rank < labelRank)) {
        String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
        @Nullable String given = rank == 1 ? jsonLabel(text) : text.strip();
        if (given != null && !given.isEmpty()) {
          label = given;
          labelRank = rank;
        }
      }
    }

    private void endGroup() {
      @Nullable String groupLabel = label;
      for (ImageRef image : images) {
        found.image(groupLabel == null ? image : image.withLabel(groupLabel));
      }
      if (images.isEmpty()) {
        companions.forEach(found::image); // companions of nothing are rejected like any other file
      }
      images.clear();
      companions.clear();
      label = null;
    }

    private static @Nullable String jsonLabel(String text) {
      try {
        JsonNode root = Json.MAPPER.readTree(text);
        return JSON_LABELS.stream()
            .map(root::get)
            .filter(Objects::nonNull)
            .filter(JsonNode::isValueNode)
            .map(JsonNode::asText)
            .findFirst()
            .orElse(null);
      } catch (JsonProcessingException e) {
        return null; // the image is usable without its label
      }
    }
  }
}
