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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Tar files of images, in class folders or by the convention of WebDataset: entries in a row whose
 * names are the same up to the first dot after the last slash are a sample. What follows the dot is
 * the name of a field, in any case. {@code cls}, {@code json} or {@code txt} beside an image gives
 * its label, the first of these that there is. Images are ranges of the file.
 *
 * <p>Each field whose name ends as that of an image is an image, unless {@link RecordFields} choose
 * one. Other fields are passed over. In a sample without such a name, what is no text and of no
 * other kind may be an image, too.
 */
public final class TarFormat implements ShardFormat {
  private static final List<String> JSON_LABELS = List.of("label", "class", "cls");
  private static final List<String> LABELS = List.of("cls", "json", "txt");
  private static final int LARGEST_LABEL = 1 << 20;

  /** Where a header says that it is one. */
  private static final int MAGIC = 257;

  @Override
  public List<String> suffixes() {
    return List.of(".tar");
  }

  @Override
  public boolean begins(byte[] first) {
    return first.length == FIRST_BYTES
        && new String(first, MAGIC, 5, StandardCharsets.US_ASCII).equals("ustar");
  }

  /** Finds images by reading headers and labels only. */
  @Override
  public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
    Scan scan = new Scan(shard, fields.imageNames(), found);
    try {
      scan.scanEntries();
    } finally {
      scan.endSample(); // images before the damage are found
    }
  }

  /** The entries of one file, read in a row. */
  private static final class Scan {
    private final Shard shard;
    private final List<String> imageFields;
    private final Found found;
    private final Map<String, Integer> names = new HashMap<>();
    private String key = "";
    private final List<Field> sample = new ArrayList<>();
    private @Nullable String label;
    private int labelRank;

    Scan(Shard shard, List<String> imageFields, Found found) {
      this.shard = shard;
      this.imageFields = imageFields.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
      this.found = found;
    }

    /**
     * A field of a sample.
     *
     * @param field its name in lower case; empty for an entry without a dot
     * @param name of the entry
     * @param kind what the name says; of an unknown name, what the content says
     * @param named whether the name says that it is an image
     */
    private record Field(
        String field, String name, long offset, long size, NameKind kind, boolean named) {}

    private void scanEntries() throws IOException {
      try (SeekableByteChannel channel = Shard.open(shard.uri());
          InputStream in = Channels.newInputStream(channel);
          TarArchiveInputStream tar =
              new TarArchiveInputStream(in, StandardCharsets.UTF_8.name())) {
        long size = channel.size();
        if (size < TarConstants.DEFAULT_RCDSIZE) {
          throw new IOException(
              "its %d bytes have no room for a header; is it compressed, or no tar?"
                  .formatted(size));
        }
        long end = 0; // of the entry before
        for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
          // Headers are read to the byte, so the channel now stands where the entry's bytes start.
          long offset = channel.position();
          if (entry.getSize() > size - offset) {
            throw new IOException(
                "entry %s claims %d bytes, but only %d follow"
                    .formatted(entry.getName(), entry.getSize(), size - offset));
          }
          String name = below(TarName.of(entry, channel, end, offset));
          end = offset + TarName.padded(entry.getSize());
          if (name.isEmpty() || entry.isDirectory() || passesOver(name)) {
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

    private boolean passesOver(String name) {
      return found.passedOver().takes(shard.id() + "/", name);
    }

    private void add(String name, long size, long offset, InputStream content) throws IOException {
      int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
      String entryKey = dot < 0 ? name : name.substring(0, dot);
      if (!entryKey.equals(key)) {
        endSample();
        key = entryKey;
      }
      String field = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
      NameKind byName = NameKind.of(name);
      NameKind kind =
          byName == NameKind.UNKNOWN ? NameKind.ofContent(content.readNBytes(FIRST_BYTES)) : byName;
      sample.add(new Field(field, name, offset, size, kind, byName == NameKind.IMAGE));
      int rank = LABELS.indexOf(field);
      if (rank >= 0 && size <= LARGEST_LABEL && (label == null || rank < labelRank)) {
        @Nullable String given = label(field, content.readAllBytes());
        if (given != null && !given.isEmpty()) {
          label = given;
          labelRank = rank;
        }
      }
    }

    private void endSample() {
      List<Field> images = imageFields.isEmpty() ? images() : chosenImage();
      if (images.isEmpty() && sample.stream().anyMatch(Field::named)) {
        found.reject(
            id(key),
            RejectReason.NOT_AN_IMAGE,
            "the sample has no field %s; its fields are %s"
                .formatted(
                    String.join(" or ", imageFields),
                    String.join(", ", sample.stream().map(Field::field).toList())));
      } else {
        found(images);
      }
      sample.clear();
      label = null;
    }

    private void found(List<Field> images) {
      PassedOver.Kind others = images.isEmpty() ? PassedOver.Kind.OTHER : PassedOver.Kind.COMPANION;
      for (Field field : sample) {
        if (images.contains(field)) {
          found.image(
              ImageRef.range(
                  id(field.name),
                  shard.uri(),
                  field.offset,
                  field.size,
                  label == null ? InputSpec.folderName(field.name) : label));
        } else {
          found.passedOver().add(others, shard.id() + "/" + field.name);
        }
      }
    }

    /** Returns the fields that are images by their names, else those that may be. */
    private List<Field> images() {
      List<Field> named = sample.stream().filter(Field::named).toList();
      return named.isEmpty()
          ? sample.stream().filter(field -> field.kind == NameKind.IMAGE).toList()
          : named;
    }

    /** Returns the first field of those asked for. */
    private List<Field> chosenImage() {
      for (String wanted : imageFields) {
        for (Field field : sample) {
          if (field.field.equals(wanted)) {
            return List.of(field);
          }
        }
      }
      return List.of();
    }

    private static @Nullable String label(String field, byte[] content) {
      String text = new String(content, StandardCharsets.UTF_8);
      return field.equals("json") ? jsonLabel(text) : text.replace("\ufeff", "").strip();
    }

    private static @Nullable String jsonLabel(String text) {
      try {
        JsonNode root = Json.MAPPER.readTree(text);
        return JSON_LABELS.stream()
            .map(root::get)
            .filter(Objects::nonNull)
            .filter(node -> node.isValueNode() && !node.isNull())
            .map(JsonNode::asText)
            .findFirst()
            .orElse(null);
      } catch (JsonProcessingException e) {
        return null; // the image is usable without its label
      }
    }
  }
}
