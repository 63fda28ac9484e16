package io.simclrbeam.transforms.hex;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.images.Shard;
import io.simclrbeam.transforms.images.ShardFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A format that tests alone know: text of lines with a label and the images of that label, in
 * hexadecimal. A line is a block; a dash stands for a record without an image.
 */
public final class HexFormat implements ShardFormat {
  private static final java.util.HexFormat HEX = java.util.HexFormat.of();

  /** Writes images, three a line, with the name of their folder as label. */
  public static Path write(Path file, List<Path> images) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < images.size(); i++) {
      text.append(i % 3 == 0 ? images.get(i).getParent().getFileName() : "");
      text.append(' ').append(HEX.formatHex(Files.readAllBytes(images.get(i))));
      text.append(i % 3 == 2 || i == images.size() - 1 ? "\n" : "");
    }
    return Files.writeString(file, text);
  }

  @Override
  public List<String> suffixes() {
    return List.of(".hex");
  }

  @Override
  public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
    long record = 0;
    long block = 0;
    try (BufferedReader lines = lines(Shard.open(shard.uri()))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        for (int word = 1; word < words.length; word++) {
          String id = shard.recordId(record++);
          if (words[word].equals("-")) {
            found.reject(id, RejectReason.EMPTY, "a dash");
          } else if (words[word].length() % 2 != 0) {
            throw new IOException("half a byte in the line at " + block);
          } else {
            found.image(
                new ImageRef(
                    id,
                    shard.uri(),
                    block,
                    words[word].length() / 2,
                    new ImageRef.BlockRecord("hex", word),
                    words[0],
                    null));
          }
        }
        block += line.length() + 1;
      }
    }
  }

  @Override
  public OpenFile open(ImageRef image) throws IOException {
    return new OpenHex(Shard.open(image.uri()));
  }

  private static BufferedReader lines(SeekableByteChannel channel) {
    return new BufferedReader(Channels.newReader(channel, US_ASCII));
  }

  private record OpenHex(SeekableByteChannel channel) implements OpenFile {
    @Override
    public List<byte[]> read(List<ImageRef> images) throws IOException {
      channel.position(images.get(0).offset());
      String[] words = lines(channel).readLine().split(" ", -1);
      List<byte[]> bytes = new ArrayList<>();
      for (ImageRef image : images) {
        if (image.offset() != images.get(0).offset()) {
          throw new IOException("not of one block");
        }
        bytes.add(HEX.parseHex(words[Objects.requireNonNull(image.record()).number()]));
      }
      return bytes;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
