package io.simclrbeam.transforms.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.remote.RemoteFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ListImagesTest {
  @TempDir private Path folder;

  @Test
  void findsFilesBelowAFolderAndInShardsThere() throws IOException {
    TestImages.writeFolder(folder, 5);
    Files.write(folder.resolve("top.png"), TestImages.png(9));
    Files.createDirectories(folder.resolve("shards"));
    TestImages.writeTar(folder.resolve("shards/a.tar"), 3);
    Files.createDirectories(folder.resolve(".hidden"));
    Files.write(folder.resolve(".hidden/x.png"), TestImages.png(1));
    Files.write(folder.resolve("_SUCCESS"), new byte[0]);

    assertThat(list(folder.toString()))
        .containsExactly(
            "class-0/image-000.png label class-0",
            "class-0/image-003.png label class-0",
            "class-1/image-001.png label class-1",
            "class-1/image-004.png label class-1",
            "class-2/image-002.png label class-2",
            "shards/a.tar/class-0/image-000.png label class-0",
            "shards/a.tar/class-1/image-001.png label class-1",
            "shards/a.tar/class-2/image-002.png label class-2",
            "top.png label null");
  }

  /** Cameras write such names for photos in Adobe RGB. */
  @Test
  void namesThatStartWithAnUnderscoreAreNamesLikeAnyOther() throws IOException {
    RemoteFiles.clear();
    List<String> names =
        List.of("_MG_1.png", "_unknown_/a.png", "__MACOSX/_.png", "_hnsw/x.png", "._MG_1.png");
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : Stream.concat(names.stream(), Stream.of("Thumbs.db", "_SUCCESS")).toList()) {
      byte[] png = TestImages.png(1);
      files.put(name, png);
      Path file = folder.resolve("photos/" + name);
      Files.createDirectories(file.getParent());
      Files.write(file, png);
      RemoteFiles.put("bucket/camera/" + name, png);
    }
    TestImages.writeTar(folder.resolve("a.tar"), files);
    List<String> found = List.of("_MG_1.png label null", "_unknown_/a.png label _unknown_");
    assertThat(list(folder + "/photos")).isEqualTo(found);
    assertThat(list(folder + "/photos/**.png")).isEqualTo(found);
    assertThat(list(folder + "/photos/_MG_1.png")).containsExactly("_MG_1.png label null");
    assertThat(list("slow://bucket/camera")).isEqualTo(found);

    assertThat(list(folder + "/a.tar"))
        .containsExactly("a.tar/_MG_1.png label null", "a.tar/_unknown_/a.png label _unknown_");
  }

  /** What people keep beside their photos is neither an image nor a reject. */
  @Test
  void whatIsSomethingElseByItsNameIsPassedOver() throws IOException {
    RemoteFiles.clear();
    List<String> sidecars =
        List.of("a.xmp", "A.AAE", "a.jpg.json", "n.txt", "x.mov", "t.csv", "l.json.gz", "i.Xml");
    List<String> images =
        List.of("a.JPG", "b.jpeg", "c.heic", "d.CR2", "e.psd", "f.svg", "_DSC0001.JPG");
    for (String name : Stream.concat(sidecars.stream(), images.stream()).toList()) {
      Files.write(folder.resolve(name), new byte[] {'x', 0});
      RemoteFiles.put("bucket/mixed/" + name, new byte[] {'x', 0});
    }
    for (String input : List.of(folder.toString(), folder + "/*", "slow://bucket/mixed")) {
      Listed listed = listAll(input, ImageFilter.ALL);
      assertThat(listed.images).as(input).containsExactlyInAnyOrderElementsOf(images);
      assertThat(listed.rejects).isEmpty();
      assertThat(listed.passedOver.count(PassedOver.Kind.OTHER)).isEqualTo(sidecars.size());
      assertThat(listed.passedOver.describe()).matches("8 of other kinds \\(such as [^ ]+\\)");
    }
    assertThat(listAll(folder + "/n.txt", ImageFilter.ALL).images)
        .as("what is named is looked at")
        .containsExactly("n.txt");
  }

  @Test
  void whatHasNoKnownNameIsLookedAt() throws IOException {
    RemoteFiles.clear();
    TestImages.writeTfRecord(folder.resolve("record"), 2);
    TestImages.writeTar(folder.resolve("tar"), 1);
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(Files.readAllBytes(folder.resolve("record")));
    }
    Map<String, byte[]> files =
        Map.of(
            "photo", TestImages.png(1),
            "photo.dat", TestImages.png(2),
            "README", "Größe: ".repeat(100).getBytes(UTF_8),
            "notes.xyz", "x".getBytes(UTF_8),
            "empty.xyz", new byte[0],
            "damaged", new byte[1000],
            "train-00000-of-00001", Files.readAllBytes(folder.resolve("record")),
            "train-00000-of-00002", gzip.toByteArray(),
            "v1.shard", Files.readAllBytes(folder.resolve("tar")));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.createDirectories(folder.resolve("in"));
      Files.write(folder.resolve("in/" + file.getKey()), file.getValue());
      RemoteFiles.put("bucket/in/" + file.getKey(), file.getValue());
    }
    for (String input : List.of(folder + "/in", folder + "/in/*", "slow://bucket/in")) {
      Listed listed = listAll(input, ImageFilter.ALL);
      assertThat(listed.images)
          .as(input)
          .containsExactlyInAnyOrder(
              "photo",
              "photo.dat",
              "empty.xyz",
              "damaged",
              "train-00000-of-00001/00000000",
              "train-00000-of-00001/00000001",
              "v1.shard/class-0/image-000.png");
      assertThat(listed.rejects).containsExactly("train-00000-of-00002 unsupported_format");
      assertThat(listed.passedOver.count(PassedOver.Kind.OTHER)).isEqualTo(2);
    }
    assertThat(listAll(folder + "/in/train-00000-of-00001", ImageFilter.ALL).images).hasSize(2);
    assertThat(listAll("slow://bucket/in/README", ImageFilter.ALL).images)
        .containsExactly("README");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "*.png | none | a.png c/b.png c/d/e.png s.tar/x.png",
        "c | none | c/b.jpg c/b.png c/d/e.png",
        "c/*.png | none | c/b.png",
        "/c/d/ | none | c/d/e.png",
        "**/d/*.png | none | c/d/e.png",
        "none | c | a.jpg a.png s.tar/x.jpg s.tar/x.png",
        "none | *.tar | a.jpg a.png c/b.jpg c/b.png c/d/e.png",
        "*.{jpg,gif} | c | a.jpg s.tar/x.jpg",
        "s.tar | x.jpg | s.tar/x.png",
        "[!a].* s.tar/x.* | *.jpg | c/b.png c/d/e.png s.tar/x.png",
        "**/?.png | none | a.png c/b.png c/d/e.png s.tar/x.png",
      })
  void globsChooseImages(@Nullable String include, @Nullable String exclude, String expected)
      throws IOException {
    RemoteFiles.clear();
    List<String> names = List.of("a.jpg", "a.png", "c/b.jpg", "c/b.png", "c/d/e.png");
    for (String name : names) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.write(folder.resolve(name), TestImages.png(1));
      RemoteFiles.put("bucket/globs/" + name, TestImages.png(1));
    }
    Map<String, byte[]> entries = new TreeMap<>();
    entries.put("x.jpg", TestImages.png(1));
    entries.put("x.png", TestImages.png(1));
    TestImages.writeTar(folder.resolve("s.tar"), entries);
    RemoteFiles.put("bucket/globs/s.tar", Files.readAllBytes(folder.resolve("s.tar")));
    ImageFilter filter = new ImageFilter(words(include), words(exclude));
    for (String input : List.of(folder.toString(), "slow://bucket/globs")) {
      Listed listed = listAll(input, filter);
      assertThat(listed.images).as(input).containsExactlyInAnyOrder(expected.split(" ", -1));
      assertThat(listed.passedOver.count(PassedOver.Kind.NOT_CHOSEN)).isPositive();
    }
  }

  private static List<String> words(@Nullable String text) {
    return text == null ? List.of() : List.of(text.split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[a", "{a", "a}", "[b-a]", "x\\", "", "/"})
  void aGlobThatMakesNoSenseIsRefused(String glob) {
    assertThatThrownBy(() -> ImageFilter.checkGlob(glob))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'%s' ".formatted(glob));
  }

  /** A folder that is not wanted need not be readable. */
  @Test
  void whatIsLeftOutIsNotMissed() throws IOException {
    Files.write(folder.resolve("x.png"), TestImages.png(2));
    Files.createSymbolicLink(folder.resolve("gone.png"), folder.resolve("never-there.png"));
    assertThat(listAll(folder.toString(), new ImageFilter(List.of(), List.of("gone*"))).rejects)
        .isEmpty();
  }

  /** What a listing yields. */
  private record Listed(List<String> images, List<String> rejects, PassedOver passedOver) {}

  private static final List<String> LISTED = Collections.synchronizedList(new ArrayList<>());

  private static Listed listAll(String input, ImageFilter filter) {
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple listed = pipeline.apply(ListImages.in(List.of(input)).withFilter(filter));
    LISTED.clear();
    PAssert.that(listed.get(ListImages.CHUNKS))
        .satisfies(
            chunks -> {
              chunks.forEach(
                  chunk -> chunk.images().forEach(image -> LISTED.add("image " + image.id())));
              return null;
            });
    PAssert.that(listed.get(ListImages.REJECTS))
        .satisfies(
            rejects -> {
              rejects.forEach(
                  reject -> LISTED.add("reject " + reject.get("id") + " " + reject.get("reason")));
              return null;
            });
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    return new Listed(listed("image "), listed("reject "), PassedOver.of(result.metrics()));
  }

  private static List<String> listed(String kind) {
    return LISTED.stream()
        .filter(line -> line.startsWith(kind))
        .map(line -> line.substring(kind.length()))
        .toList();
  }

  @Test
  void takesGlobsFilesAndShards() throws IOException {
    TestImages.writeFolder(folder, 6);
    TestImages.writeTar(folder.resolve("a.tar"), 2);
    assertThat(list(folder + "/class-1/*.png"))
        .containsExactly("image-001.png label null", "image-004.png label null");
    assertThat(list(folder + "/class-*/*3.png"))
        .containsExactly("class-0/image-003.png label class-0");
    assertThat(list(folder + "/class-2/image-002.png")).containsExactly("image-002.png label null");
    assertThat(list(folder + "/a.tar"))
        .containsExactly(
            "a.tar/class-0/image-000.png label class-0",
            "a.tar/class-1/image-001.png label class-1");
  }

  /** A folder is listed below each path that leads there, but never below itself. */
  @Test
  void followsLinksButNotInCircles() throws IOException {
    Path other = Files.createDirectory(folder.resolve("elsewhere"));
    Files.write(other.resolve("far.png"), TestImages.png(1));
    Path root = Files.createDirectory(folder.resolve("root"));
    Files.createDirectory(root.resolve("a"));
    Files.write(root.resolve("a/x.png"), TestImages.png(2));
    Files.createSymbolicLink(root.resolve("a/up"), root);
    Files.createSymbolicLink(root.resolve("a/self"), root.resolve("a"));
    Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
    Files.createSymbolicLink(root.resolve("other"), other);
    Files.createSymbolicLink(root.resolve("file.png"), other.resolve("far.png"));
    Files.createSymbolicLink(folder.resolve("link"), root);
    Files.createSymbolicLink(folder.resolve("link.png"), other.resolve("far.png"));

    List<String> all = List.of("a/x.png label a", "file.png label null");
    assertThat(list(root.toString())).isEqualTo(all);
    InputSpec.Listing listing = InputSpec.match(root.toString(), ImageFilter.ALL);
    assertThat(listing.missed()).as("a circle loses nothing").isEmpty();
    assertThat(listing.passedOver().count(PassedOver.Kind.TWICE))
        .as("b/x.png and other/far.png")
        .isEqualTo(2);
    ImageFilter b = new ImageFilter(List.of("b/**"), List.of());
    assertThat(InputSpec.match(root.toString(), b).files())
        .as("what a link leads to is not listed itself")
        .extracting(ImageRef::id)
        .containsExactly("b/x.png");
    assertThat(list(folder + "/link")).isEqualTo(all);
    assertThat(list(folder + "/link/**.png")).isEqualTo(all);
    assertThat(list(folder + "/link/*/*.png"))
        .containsExactly("a/x.png label a", "other/far.png label other");
    assertThat(list(folder + "/link.png")).containsExactly("link.png label null");
  }

  @Test
  void rejectsLinksThatLeadToNothing() throws IOException {
    Files.write(folder.resolve("x.png"), TestImages.png(2));
    Files.createSymbolicLink(folder.resolve("gone.png"), folder.resolve("never-there.png"));
    Files.createSymbolicLink(folder.resolve("loop.png"), Path.of("loop.png"));
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple listed = pipeline.apply(ListImages.in(List.of(folder.toString())));
    PAssert.that(listed.get(ListImages.REJECTS))
        .satisfies(
            rejects -> {
              assertThat(rejects)
                  .extracting(reject -> reject.get("id") + " " + reject.get("reason"))
                  .containsExactlyInAnyOrder("gone.png unreadable", "loop.png unreadable");
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void aNameWithTheSignsOfAGlobIsAName() throws IOException {
    Files.write(folder.resolve("x[1].png"), TestImages.png(2));
    Files.write(folder.resolve("x1.png"), TestImages.png(2));
    assertThat(list(folder + "/x[1].png")).containsExactly("x[1].png label null");
    assertThat(list(folder + "/x[1]*")).containsExactly("x1.png label null");
  }

  @Test
  void listsOtherFileSystems() throws IOException {
    RemoteFiles.clear();
    RemoteFiles.put("bucket/a/x.png", TestImages.png(1));
    RemoteFiles.put("bucket/a/.hidden/x.png", TestImages.png(1));
    assertThat(list("slow://bucket")).containsExactly("a/x.png label a");
    assertThat(list("slow://bucket/a/x.png")).containsExactly("x.png label null");
  }

  /** Listed as a whole, it is the slow and obvious twin. */
  @Test
  void foldersOfABucketAreSharedOut() throws IOException {
    RemoteFiles.clear();
    for (int i = 0; i < 300; i++) {
      String name = "top/%d/[%d]/%d.%s".formatted(i % 2, i % 4, i, i % 10 == 0 ? "txt" : "png");
      RemoteFiles.putPaged("bucket/" + name, TestImages.png(1));
      RemoteFiles.put("bucket/" + name, TestImages.png(1));
    }
    Files.createDirectories(folder);
    TestImages.writeTar(folder.resolve("a.tar"), 2);
    byte[] tar = Files.readAllBytes(folder.resolve("a.tar"));
    RemoteFiles.putPaged("bucket/top/1/a.tar", tar);
    RemoteFiles.put("bucket/top/1/a.tar", tar);
    RemoteFiles.pageSize(40);

    assertThat(list("paged://bucket/top")).hasSize(272).isEqualTo(list("slow://bucket/top"));
    assertThat(RemoteFiles.pages()).as("more than one listing takes").isGreaterThan(8);
    assertThat(list("paged://bucket/top", "paged://bucket/top/1"))
        .isEqualTo(list("slow://bucket/top", "slow://bucket/top/1"));
  }

  @Test
  void readsFromAShardWhatWasPutThere() throws Exception {
    Path tar = folder.resolve("a.tar");
    TestImages.writeTar(tar, 40);
    TreeMap<String, byte[]> found = new TreeMap<>();
    List<ImageRef> images = scan(tar, RecordFields.AUTO);
    try (ImageReader reader = ImageReader.of(images)) {
      for (ImageRef image : images) {
        found.put(image.id(), reader.next());
      }
    }
    assertThat(found).hasSize(40);
    for (int i = 0; i < 40; i++) {
      assertThat(found.get("a.tar/class-%d/image-%03d.png".formatted(i % 3, i)))
          .isEqualTo(TestImages.png(i));
    }
  }

  @Test
  void keepsWhatComesBeforeTheDamageInAShard() throws IOException {
    Path tar = folder.resolve("a.tar");
    TestImages.writeTar(tar, 6);
    byte[] bytes = Files.readAllBytes(tar);
    Files.write(tar, Arrays.copyOf(bytes, bytes.length / 2));
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple listed = pipeline.apply(ListImages.in(List.of(tar.toString())));
    PAssert.that(listed.get(ListImages.CHUNKS))
        .satisfies(
            chunks -> {
              assertThat(chunks.iterator().next().images()).hasSizeBetween(1, 4);
              return null;
            });
    PAssert.that(listed.get(ListImages.REJECTS))
        .satisfies(rejects -> expectOne(rejects, "unreadable"));
    pipeline.run().waitUntilFinish();
  }

  /** Else the images behind the fault would be missing, and perhaps marked as deleted. */
  @ParameterizedTest
  @ValueSource(strings = {"tar", "avro", "tfrecord"})
  void aFaultWhileAShardIsSearchedIsNoDamage(String suffix) throws IOException {
    Path file = folder.resolve("a." + suffix);
    switch (suffix) {
      case "tar" -> TestImages.writeTar(file, 40);
      case "avro" -> TestImages.writeAvro(file, 40, CodecFactory.nullCodec());
      default -> TestImages.writeTfRecord(file, 40);
    }
    List<String> expected = scan(file, RecordFields.AUTO).stream().map(ImageRef::id).toList();
    RemoteFiles.clear();
    String uri = RemoteFiles.put("a." + suffix, Files.readAllBytes(file));
    Map<Long, Integer> attempts = new HashMap<>();
    RemoteFiles.beforeRead(
        (read, from, to) -> {
          if (attempts.merge(from, 1, Integer::sum) <= 3) {
            throw new IOException("connection reset");
          }
        });
    assertThat(scan("a." + suffix, uri, RecordFields.AUTO))
        .extracting(ImageRef::id)
        .isEqualTo(expected);

    RemoteFiles.beforeRead(
        (read, from, to) -> {
          if (from > 0 || suffix.equals("tfrecord")) {
            throw new IOException("connection reset");
          }
        });
    assertThatThrownBy(() -> scan("a." + suffix, uri, RecordFields.AUTO))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(uri + " cannot be read: connection reset");
  }

  @Test
  void rejectsInputsThatMatchNothing() {
    Pipeline pipeline = DirectPipeline.checked();
    PCollectionTuple listed =
        pipeline.apply(ListImages.in(List.of(folder + "/none", folder + "/*.jpg")));
    PAssert.that(listed.get(ListImages.CHUNKS)).empty();
    PAssert.that(listed.get(ListImages.REJECTS))
        .satisfies(
            rejects -> {
              assertThat(rejects).hasSize(2);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void chunksAreNoLargerThanAskedFor() throws IOException {
    TestImages.writeTar(folder.resolve("a.tar"), 7);
    TestImages.writeFolder(folder.resolve("loose"), 7);
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(
            pipeline
                .apply(ListImages.in(List.of(folder.toString())).withChunkSize(3))
                .get(ListImages.CHUNKS))
        .satisfies(
            chunks -> {
              List<Integer> sizes = new ArrayList<>();
              chunks.forEach(chunk -> sizes.add(chunk.images().size()));
              assertThat(sizes).containsExactlyInAnyOrder(3, 3, 1, 3, 3, 1);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  private static Void expectOne(Iterable<GenericRecord> rejects, String reason) {
    assertThat(rejects).hasSize(1);
    assertThat(rejects.iterator().next().get("reason").toString()).isEqualTo(reason);
    return null;
  }

  /** Whichever way it is reached, and in whichever order inputs are given. */
  @Test
  void aFileOfSeveralInputsIsOneImage() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data/cat")).getParent();
    Files.write(data.resolve("cat/1.png"), TestImages.png(1));
    Files.write(data.resolve("2.png"), TestImages.png(2));
    Files.createSymbolicLink(folder.resolve("link"), data);
    List<String> whole = List.of("2.png", "cat/1.png");
    for (List<String> inputs :
        List.of(
            List.of(data + "", data + "/cat"),
            List.of(data + "/cat", data + ""),
            List.of(data + "", data + ""),
            List.of(data + "", folder + "/link/"),
            List.of(data + "/cat/*.png", data + "/**.png"),
            List.of(data + "/cat/1.png", data + "/2.png", data + ""))) {
      List<String> ids = new ArrayList<>();
      for (String input : new LinkedHashSet<>(inputs)) {
        InputSpec.match(
            ListImages.in(inputs).inputs(),
            input,
            ImageFilter.ALL,
            (listing, files) -> files.forEach(file -> ids.add(file.id())));
      }
      assertThat(ids).as("%s", inputs).containsExactlyInAnyOrderElementsOf(whole);
      assertThat(ListImages.sameIds(inputs, ImageFilter.ALL)).as("%s", inputs).isEmpty();
    }
  }

  /** More files than a listing holds at a time. */
  @Test
  void aListingIsHandedOverInParts() throws IOException {
    byte[] image = TestImages.png(1);
    for (int i = 0; i < 10_500; i++) {
      Files.write(folder.resolve(i + ".png"), image);
    }
    List<Integer> parts = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    InputSpec.match(
        List.of(folder.toString()),
        folder.toString(),
        ImageFilter.ALL,
        (listing, files) -> {
          parts.add(files.size());
          files.forEach(file -> ids.add(file.id()));
        });
    assertThat(parts).containsExactly(10_000, 500);
    assertThat(ids).hasSize(10_500);
  }

  @Test
  void filesOfTheSameIdAreFound() throws IOException {
    for (String name : List.of("may/x.png", "may/y.png", "june/y.png", "june/z.png")) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.write(folder.resolve(name), TestImages.png(1));
    }
    List<String> both = List.of(folder + "/may", folder + "/june");
    assertThat(ListImages.sameIds(both, ImageFilter.ALL))
        .extracting(ImageRef::uri)
        .containsExactlyInAnyOrder(folder + "/may/y.png", folder + "/june/y.png");
    assertThat(ListImages.sameIds(both, new ImageFilter(List.of(), List.of("y.*")))).isEmpty();
  }

  private List<String> list(String... inputs) throws IOException {
    String out = folder + "-listing.txt"; // a path cannot travel with the check below
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(pipeline.apply(ListImages.in(List.of(inputs))).get(ListImages.CHUNKS))
        .satisfies(
            chunks -> {
              StringBuilder text = new StringBuilder();
              chunks.forEach(
                  chunk ->
                      chunk
                          .images()
                          .forEach(
                              image ->
                                  text.append(image.id())
                                      .append(" label ")
                                      .append(image.label())
                                      .append('\n')));
              try {
                Files.writeString(Path.of(out), text);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              return null;
            });
    pipeline.run().waitUntilFinish();
    List<String> lines = Files.readAllLines(Path.of(out));
    Files.delete(Path.of(out));
    return lines.stream().sorted().toList();
  }

  static List<ImageRef> scan(Path file, RecordFields fields) throws IOException {
    return scan(file.getFileName().toString(), file.toString(), fields);
  }

  private static List<ImageRef> scan(String name, String uri, RecordFields fields)
      throws IOException {
    List<ImageRef> images = new ArrayList<>();
    ShardFormats.scan(
        new Shard(name, uri),
        fields,
        new ShardFormat.Found() {
          @Override
          public void image(ImageRef image) {
            images.add(image);
          }

          @Override
          public void reject(String id, RejectReason reason, String detail) {
            throw new AssertionError(id + " " + reason + " " + detail);
          }

          @Override
          public PassedOver passedOver() {
            return new PassedOver();
          }
        });
    return images;
  }
}
