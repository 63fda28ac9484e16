package io.simclrbeam.transforms.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TarFormatTest {
  private static final int SIZE = 124;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;

  @TempDir private Path folder;
  private final List<ImageRef> images = new ArrayList<>();
  private final List<String> rejects = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({
    "../x.png, x.png",
    "../../../etc/x.png, etc/x.png",
    "/abs.png, abs.png",
    "./a/./b.png, a/b.png",
    "a/../../b.png, b.png",
    "a//b.png, a/b.png"
  })
  void namesThatLeadOutOfTheShardStayInIt(String name, String id) throws Exception {
    scan(tar(Map.of(name, TestImages.png(1))));
    assertThat(images).extracting(ImageRef::id).containsExactly("a.tar/" + id);
    assertThat(read(images.get(0))).isEqualTo(TestImages.png(1));
  }

  /** As {@code tar --append} leaves them: both are there. */
  @Test
  void entriesOfTheSameNameAreToldApart() throws Exception {
    byte[] first = tar(Map.of("a/x.png", TestImages.png(1)));
    byte[] second = tar(Map.of("a/x.png", TestImages.png(2)));
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(first, 0, 512 + 1024); // without the blocks that end the archive
    both.write(second);
    assertThat(TestImages.png(1)).hasSizeBetween(513, 1024);
    scan(both.toByteArray());
    assertThat(images).extracting(ImageRef::id).containsExactly("a.tar/a/x.png", "a.tar/a/x.png#2");
    assertThat(read(images.get(0))).isEqualTo(TestImages.png(1));
    assertThat(read(images.get(1))).isEqualTo(TestImages.png(2));
  }

  @Test
  void linksAreRejectedOneByOne() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      put(out, "a.png", TestImages.png(1));
      TarArchiveEntry soft = new TarArchiveEntry("soft.png", TarConstants.LF_SYMLINK);
      soft.setLinkName("/etc/passwd");
      out.putArchiveEntry(soft);
      out.closeArchiveEntry();
      TarArchiveEntry hard = new TarArchiveEntry("hard.png", TarConstants.LF_LINK);
      hard.setLinkName("a.png");
      out.putArchiveEntry(hard);
      out.closeArchiveEntry();
      put(out, "b.png", TestImages.png(2));
    }
    scan(bytes.toByteArray());
    assertThat(images).extracting(ImageRef::id).containsExactly("a.tar/a.png", "a.tar/b.png");
    assertThat(rejects).hasSize(2);
    assertThat(rejects.get(0)).startsWith("a.tar/soft.png UNREADABLE a link to /etc/passwd;");
    assertThat(rejects.get(1)).startsWith("a.tar/hard.png UNREADABLE a link to a.png;");
  }

  @ParameterizedTest
  @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
  void longNamesAreRead(int mode) throws Exception {
    String name = "long/".repeat(50) + "x.png";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      out.setLongFileMode(mode);
      put(out, name, TestImages.png(1));
    }
    scan(bytes.toByteArray());
    assertThat(images).extracting(ImageRef::id).containsExactly("a.tar/" + name);
    assertThat(read(images.get(0))).isEqualTo(TestImages.png(1));
  }

  @Test
  void sparseEntriesAreRejected() throws Exception {
    byte[] tar = tar(Map.of("x.png", TestImages.png(1)));
    System.arraycopy("ustar  \0".getBytes(US_ASCII), 0, tar, 257, 8);
    tar[TYPE] = TarConstants.LF_GNUTYPE_SPARSE;
    octal(tar, 386, 0); // one stretch: from the start
    octal(tar, 398, TestImages.png(1).length);
    octal(tar, 483, TestImages.png(1).length);
    sign(tar);
    scan(tar);
    assertThat(images).isEmpty();
    assertThat(rejects).hasSize(1);
    assertThat(rejects.get(0)).startsWith("a.tar/x.png UNREADABLE a sparse entry");
  }

  @Test
  void sizesThatCannotBeEndTheScanWithoutTakingMemory() throws Exception {
    byte[] good = tar(Map.of("x.png", TestImages.png(1)));
    byte[] beyond = good.clone();
    octal(beyond, SIZE, good.length);
    assertDamaged(beyond, "entry x.png claims 2560 bytes, but only 2048 follow");
    byte[] huge = good.clone();
    base256(huge, Long.MAX_VALUE);
    assertDamaged(huge, "entry x.png claims 9223372036854775807 bytes");
    byte[] negative = good.clone();
    base256(negative, -1);
    assertDamaged(negative, "a header makes no sense");
    byte[] unsigned = good.clone();
    unsigned[0] ^= 1;
    Files.write(folder.resolve("a.tar"), unsigned);
    assertThatThrownBy(this::scan).hasMessageContaining("a header has a wrong checksum");
  }

  /** Whatever a header says, a scan ends well or with the exception that is allowed. */
  @Test
  void noHeaderBreaksTheScan() throws IOException {
    byte[] good = tar(Map.of("x.png", TestImages.png(1)));
    int damaged = 0;
    for (int at = 0; at < 512; at++) {
      for (byte value : new byte[] {0, '-', '9', (byte) 0x80, (byte) 0xff}) {
        byte[] bad = good.clone();
        bad[at] = value;
        sign(bad);
        Files.write(folder.resolve("a.tar"), bad);
        try {
          scan();
        } catch (IOException e) {
          damaged++;
        }
      }
    }
    assertThat(damaged).isGreaterThan(20);
  }

  @Test
  void aTimeThatIsNoneIsDamage() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, 512)) {
      TarArchiveEntry entry = new TarArchiveEntry("x.png");
      entry.addPaxHeader("SCHILY.note", "0123456789012345678");
      out.putArchiveEntry(entry);
      out.closeArchiveEntry();
    }
    byte[] tar = bytes.toByteArray();
    String text = new String(tar, ISO_8859_1);
    int at = text.indexOf("SCHILY.note=0123456789012345678");
    byte[] time = "mtime=9223372036854775807.00000".getBytes(US_ASCII);
    System.arraycopy(time, 0, tar, at, time.length);
    Files.write(folder.resolve("a.tar"), tar);
    assertThatThrownBy(this::scan)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a header makes no sense");
  }

  @Test
  void whatIsNoTarIsSaidSo() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(tar(Map.of("x.png", TestImages.png(1))));
    }
    for (byte[] wrong : List.of(bytes.toByteArray(), TestImages.png(3))) {
      Files.write(folder.resolve("a.tar"), wrong);
      assertThatThrownBy(this::scan)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is it compressed, or no tar?");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tar.gz", "a.tgz", "a.tar.zst", "a.tfrecord.gz", "a.zip"})
  void compressedShardsAreRejectedByTheirName(String name) throws Exception {
    ShardFormat format = ShardFormats.of(name).orElseThrow();
    format.scan(new Shard(name, name), RecordFields.AUTO, found());
    assertThat(rejects).hasSize(1);
    assertThat(rejects.get(0))
        .startsWith(name + " UNSUPPORTED_FORMAT a compressed file")
        .contains("unpack it");
  }

  private void assertDamaged(byte[] tar, String message) throws IOException {
    sign(tar);
    Files.write(folder.resolve("a.tar"), tar);
    assertThatThrownBy(this::scan).isInstanceOf(IOException.class).hasMessageContaining(message);
    assertThat(images).isEmpty();
  }

  private void scan(byte[] tar) throws IOException {
    Files.write(folder.resolve("a.tar"), tar);
    scan();
  }

  private void scan() throws IOException {
    Shard shard = new Shard("a.tar", folder.resolve("a.tar").toString());
    new TarFormat().scan(shard, RecordFields.AUTO, found());
  }

  private ShardFormat.Found found() {
    return new ShardFormat.Found() {
      @Override
      public void image(ImageRef image) {
        images.add(image);
      }

      @Override
      public void reject(String id, RejectReason reason, String detail) {
        rejects.add(id + " " + reason + " " + detail);
      }
    };
  }

  private static byte[] read(ImageRef image) throws Exception {
    try (ImageReader reader = ImageReader.of(List.of(image))) {
      return reader.next();
    }
  }

  private static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, 512)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        put(out, file.getKey(), file.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private static void put(TarArchiveOutputStream out, String name, byte[] bytes)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true); // keeps a slash at its start
    entry.setSize(bytes.length);
    out.putArchiveEntry(entry);
    out.write(bytes);
    out.closeArchiveEntry();
  }

  private static void octal(byte[] header, int at, long value) {
    System.arraycopy("%011o\0".formatted(value).getBytes(US_ASCII), 0, header, at, 12);
  }

  private static void base256(byte[] header, long size) {
    header[SIZE] = (byte) (size < 0 ? 0xff : 0x80);
    for (int i = 1; i < 4; i++) {
      header[SIZE + i] = (byte) (size < 0 ? 0xff : 0);
    }
    ByteBuffer.wrap(header, SIZE + 4, 8).putLong(size);
  }

  /** Writes the checksum that the header has. */
  private static void sign(byte[] header) {
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : header[i] & 0xff;
    }
    System.arraycopy("%06o\0 ".formatted(sum).getBytes(US_ASCII), 0, header, CHECKSUM, 8);
  }
}
