package io.simclrbeam.transforms.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;
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
  private final PassedOver passedOver = new PassedOver();

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

  /** Names of any bytes and lengths, in the header, in that of GNU tar or in that of pax. */
  @Test
  void namesAreTheirBytesWhereverTheyAre() throws Exception {
    byte[] signs = "%25ffe9?\u00ff\u00c3\u00a9\u00ef\u00bf\u00bd".getBytes(ISO_8859_1);
    List<String> expected = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, ISO_8859_1.name())) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (int i = 0; i < 3000; i++) {
        SeededRandom random = SeededRandom.of(i);
        byte[] name = new byte[i % 10 == 0 ? 200 : 1 + random.nextInt(8)];
        for (int j = 0; j < name.length; j++) {
          name[j] = signs[random.nextInt(signs.length)];
        }
        String latin = "%s%d/%s.png".formatted(i % 20 == 0 ? "/" : "", i % 40, latin(name));
        if (i % 3 == 0) {
          putPax(out, latin);
        }
        put(out, i % 3 == 0 ? "short.png" : latin, new byte[i % 700]);
        expected.add(LocalPaths.text(latin.replaceFirst("^/", "").getBytes(ISO_8859_1)));
      }
    }
    scan(bytes.toByteArray());
    assertThat(images)
        .extracting(image -> image.id().replaceFirst("#\\d+$", ""))
        .containsExactlyElementsOf(expected.stream().map(name -> "a.tar/" + name).toList());
    assertThat(rejects).isEmpty();
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  /** Writes a header of pax with other records around the path. */
  private static void putPax(TarArchiveOutputStream out, String name) throws IOException {
    StringBuilder records = new StringBuilder();
    for (String record : List.of("comment=path=x", "path=" + name, "mtime=0.1")) {
      int length = record.length() + 2;
      while (String.valueOf(length).length() + record.length() + 2 != length) {
        length++;
      }
      records.append(length).append(' ').append(record).append('\n');
    }
    TarArchiveEntry header =
        new TarArchiveEntry("./PaxHeaders/x", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
    byte[] bytes = records.toString().getBytes(ISO_8859_1);
    header.setSize(bytes.length);
    out.putArchiveEntry(header);
    out.write(bytes);
    out.closeArchiveEntry();
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
    for (byte[] wrong :
        List.of(bytes.toByteArray(), TestImages.png(3), new byte[0], new byte[511])) {
      Files.write(folder.resolve("a.tar"), wrong);
      assertThatThrownBy(this::scan)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is it compressed, or no tar?");
    }
  }

  /**
   * Each line is a tar: its entries in order, each perhaps with text after an equals sign, then
   * what is found, each with its label, then how many entries are passed over beside images, and
   * how many without one.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        // the key ends at the first dot after the last slash
        "22.05.png 22.05.cls=1 22.06.png 22.06.cls=2 | 22.05.png:- 22.06.png:- | 2 | 0",
        "a.b.jpg a.b.json={} IMG.2024.01.02.jpg | a.b.jpg:- IMG.2024.01.02.jpg:- | 1 | 0",
        "v1.2/0001.jpg v1.2/0001.cls=one v1.2/0002.jpg | v1.2/0001.jpg:one v1.2/0002.jpg:v1.2"
            + " | 1 | 0",
        // labels in any case of the extension and any order; cls goes before json, json before txt
        "U1.JPG U1.CLS=9 U2.JSON={\"label\":\"x\"} U2.Jpeg | U1.JPG:9 U2.Jpeg:x | 2 | 0",
        "l.json={\"label\":3} l.jpg l.cls=5 l.txt=6 | l.jpg:5 | 3 | 0",
        "l.txt=6 l.jpg l.json={\"class\":3} | l.jpg:3 | 2 | 0",
        "c/l.jpg c/l.cls= m/l.jpg m/l.json={\"label\":null} | c/l.jpg:c m/l.jpg:m | 2 | 0",
        "c/l.jpg c/l.json=[1 m/l.jpg m/l.json={\"label\":[1]} | c/l.jpg:c m/l.jpg:m | 2 | 0",
        "l.jpg l.json={\"label\":true} m.jpg m.cls=\ufeff1e5 n.jpg n.cls=Übung"
            + " | l.jpg:true m.jpg:1e5 n.jpg:Übung | 3 | 0",
        // several images in a sample
        "s1.left.png s1.right.png s1.cls=4 | s1.left.png:4 s1.right.png:4 | 1 | 0",
        "m1.jpg m1.seg.png m1.cls=6 | m1.jpg:6 m1.seg.png:6 | 1 | 0",
        // other fields: what is text, of known other kinds, or of unknown ones beside an image
        "a.jpg a.cls=1 a.npy=x a.pth=\u0000 a.pyd=\u0000 a.url=x a.id=x a.mp4=x a.ten=\u0000"
            + " a.caption=x a.xyz=\u0000 | a.jpg:1 | 10 | 0",
        "README=x a/README.txt=x b.id=17 c.mp4=\u0000 d.npy=\u0000 | none | 0 | 5",
        // neither a name nor a text: it may be an image
        "a.xyz=\u0000 b=\u0000 b.cls=1 c.json={} | a.xyz:- b:1 | 1 | 1",
        // what does not lie in a row is not one sample
        "k0.jpg k1.jpg k0.cls=1 k1.cls=2 | k0.jpg:- k1.jpg:- | 0 | 2",
        "x.jpg x.cls=1 y.jpg y.cls=2 x.jpg x.cls=3 | x.jpg:1 y.jpg:2 x.jpg#2:3 | 3 | 0",
        // folders are labels, the nearest, unless there is another
        "cats/1.jpg dogs/deep/2.jpg cats/2.jpg cats/2.cls=siam"
            + " | cats/1.jpg:cats dogs/deep/2.jpg:deep cats/2.jpg:siam | 1 | 0",
      })
  void samplesAreThoseOfWebDataset(String entries, @Nullable String found, int beside, int without)
      throws Exception {
    scan(webDataset(entries), RecordFields.AUTO);
    assertThat(images)
        .extracting(image -> image.id() + ":" + (image.label() == null ? "-" : image.label()))
        .containsExactlyElementsOf(
            found == null
                ? List.of()
                : Stream.of(found.split(" ", -1)).map(image -> "a.tar/" + image).toList());
    assertThat(rejects).isEmpty();
    assertThat(passedOver.count(PassedOver.Kind.COMPANION)).isEqualTo(beside);
    assertThat(passedOver.count(PassedOver.Kind.OTHER)).isEqualTo(without);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jpg | a.png b.jpg | b.jpg | a",
        "jpg;png;webp | a.png a.webp b.JPG b.png c.webp | a.png b.JPG c.webp | -",
        "webp;png;jpg | a.png a.webp b.JPG b.png c.webp | a.webp b.png c.webp | -",
        "left.png | s.left.png s.right.png t.left.png t.seg.png | s.left.png t.left.png | -",
        "seg.png ; jpg | m.jpg m.seg.png n.jpg README.txt=x | m.seg.png n.jpg | -",
        "mask | m.jpg m.mask=\u0000 | m.mask | -",
      })
  void theFirstOfTheNamedFieldsIsTheImage(
      String names, String entries, String found, String rejected) throws Exception {
    scan(webDataset(entries), new RecordFields(names, null));
    assertThat(images)
        .extracting(ImageRef::id)
        .containsExactlyElementsOf(
            Stream.of(found.split(" ", -1)).map(image -> "a.tar/" + image).toList());
    if (rejected.equals("-")) {
      assertThat(rejects).isEmpty();
    } else {
      assertThat(rejects)
          .containsExactly(
              "a.tar/"
                  + rejected
                  + " NOT_AN_IMAGE the sample has no field jpg; its fields are png");
    }
  }

  /** Text of a class file, a JSON file and so on, and a PNG where there is no text. */
  private static byte[] webDataset(String entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8")) {
      for (String entry : entries.split(" ", -1)) {
        String[] parts = entry.split("=", 2);
        put(out, parts[0], parts.length > 1 ? parts[1].getBytes(UTF_8) : TestImages.png(1));
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void whatProgramsLeaveInATarIsCountedOnce() throws Exception {
    scan(
        webDataset(
            "__MACOSX/x/._a.png __MACOSX/x/._b.png x/.DS_Store x/Thumbs.db _MG_1.png .git/a .git/b"),
        RecordFields.AUTO);
    assertThat(images).extracting(ImageRef::id).containsExactly("a.tar/_MG_1.png");
    assertThat(passedOver.describe())
        .isEqualTo(
            "2 hidden (such as a.tar/x/.DS_Store), 2 left by programs (such as a.tar/__MACOSX)");
  }

  /** What the tar itself is called says nothing of what is in it. */
  @Test
  void aHiddenTarThatIsAskedForHasImages() throws Exception {
    Path tar = folder.resolve("a.tar");
    Files.write(tar, webDataset("a.png"));
    new TarFormat().scan(new Shard(".a.tar", tar.toString()), RecordFields.AUTO, found());
    assertThat(images).extracting(ImageRef::id).containsExactly(".a.tar/a.png");
  }

  @Test
  void isKnownByItsFirstBytes() throws Exception {
    byte[] tar = webDataset("a.png");
    assertThat(new TarFormat().begins(Arrays.copyOf(tar, ShardFormat.FIRST_BYTES))).isTrue();
    assertThat(new TarFormat().begins(Arrays.copyOf(tar, 511))).isFalse();
    assertThat(new TarFormat().begins(new byte[ShardFormat.FIRST_BYTES])).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tar.gz", "a.TAR.GZ", "a.tgz", "a.tar.zst", "a.tfrecord.gz", "a.zip"})
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
    scan(tar, RecordFields.AUTO);
  }

  private void scan(byte[] tar, RecordFields fields) throws IOException {
    Files.write(folder.resolve("a.tar"), tar);
    scan(fields);
  }

  private void scan() throws IOException {
    scan(RecordFields.AUTO);
  }

  private void scan(RecordFields fields) throws IOException {
    Shard shard = new Shard("a.tar", folder.resolve("a.tar").toString());
    new TarFormat().scan(shard, fields, found());
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

      @Override
      public PassedOver passedOver() {
        return passedOver;
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
