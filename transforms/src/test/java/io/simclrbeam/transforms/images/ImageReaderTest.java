package io.simclrbeam.transforms.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.remote.RemoteFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.file.CodecFactory;
import org.apache.beam.runners.core.metrics.CounterCell;
import org.apache.beam.sdk.metrics.MetricName;
import org.apache.beam.sdk.metrics.MetricsContainer;
import org.apache.beam.sdk.metrics.MetricsEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ImageReaderTest {
  private static final long MEGABYTE = 1 << 20;

  @TempDir private Path folder;

  @BeforeEach
  void clear() {
    RemoteFiles.clear();
  }

  @Test
  void returnsWhatOneReadAfterTheOtherWouldInTheOrderAsked() throws Exception {
    List<ImageRef> images = new ArrayList<>();
    for (String suffix : List.of("tar", "avro", "tfrecord")) {
      images.addAll(shard(suffix, 60));
    }
    for (int i = 0; i < 60; i++) {
      images.add(file("loose/%d.png".formatted(i), TestImages.png(i)));
    }
    for (int seed = 0; seed < 3; seed++) {
      assertThat(readAll(images)).isEqualTo(oneAfterTheOther(images));
      Collections.shuffle(images, new Random(seed));
    }
    assertThat(RemoteFiles.openNow()).isZero();
  }

  /** Beam logs an error with a stack trace if a counter is used where none is. */
  @Test
  void outsideJobsNothingIsCounted() throws Exception {
    Set<String> asked = ConcurrentHashMap.newKeySet();
    MetricsContainer container =
        (MetricsContainer)
            Proxy.newProxyInstance(
                MetricsContainer.class.getClassLoader(),
                new Class<?>[] {MetricsContainer.class},
                (proxy, method, arguments) -> {
                  asked.add(String.valueOf(arguments[0]));
                  return new CounterCell(MetricName.named(ImageReaderTest.class, "any"));
                });
    List<ImageRef> images = List.of(file("one.png", TestImages.png(1)));
    MetricsContainer before = MetricsEnvironment.setCurrentContainer(container);
    try {
      try (ImageReader reader = ImageReader.outsideJobs(images)) {
        assertThat(reader.next()).isEqualTo(TestImages.png(1));
      }
      assertThat(asked).isEmpty();
      ImageReader.of(images).close();
      assertThat(asked).isNotEmpty();
    } finally {
      MetricsEnvironment.setCurrentContainer(before);
    }
  }

  /** No request is answered before all of them have been made. */
  @Test
  void asManyRequestsAreInFlightAsThereAreThreads() throws Exception {
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < 2 * ReadThreads.COUNT; i++) {
      images.add(file("%d.png".formatted(i), TestImages.png(i)));
    }
    CyclicBarrier all = new CyclicBarrier(ReadThreads.COUNT);
    RemoteFiles.beforeRead((uri, from, to) -> all.await());
    assertThat(readAll(images)).hasSize(images.size());
  }

  @Test
  void readersOfTheSameShardDoNotWaitForEachOther() throws Exception {
    List<ImageRef> images = shard("tar", 2 * ReadThreads.COUNT);
    Collections.reverse(images); // so that no two of them are one request
    CyclicBarrier all = new CyclicBarrier(ReadThreads.COUNT);
    RemoteFiles.resetCounts();
    RemoteFiles.beforeRead((uri, from, to) -> all.await());
    assertThat(readAll(images)).hasSize(images.size());
    assertThat(RemoteFiles.requests()).isEqualTo(images.size());
    assertThat(RemoteFiles.opened()).as("channels are used again").isEqualTo(ReadThreads.COUNT);
  }

  @Test
  void aTarInOrderIsReadInFewRequests() throws Exception {
    List<ImageRef> images = shard("tar", 300);
    RemoteFiles.resetCounts();
    assertThat(readAll(images)).hasSize(300);
    assertThat(RemoteFiles.requests()).isEqualTo(1);
    assertThat(RemoteFiles.opened()).isEqualTo(1);
  }

  @Test
  void aFileIsClosedWhenTheLastOfItsImagesHasBeenRead() throws Exception {
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      images.add(file("%d.png".formatted(i), TestImages.png(i)));
    }
    images.add(images.get(0));
    try (ImageReader reader = new ImageReader(images, null, 1, Runnable::run)) {
      for (int i = 0; i < 20; i++) {
        reader.next();
        assertThat(RemoteFiles.openNow()).as("the first is to be read again").isEqualTo(1);
      }
      reader.next();
      assertThat(RemoteFiles.openNow()).isZero();
    }
    assertThat(RemoteFiles.opened()).isEqualTo(20);
  }

  @Test
  void rangesAreMergedUpToALimitAndNotOverWideGaps() throws Exception {
    byte[] bytes = new byte[20 << 20];
    new Random(1).nextBytes(bytes);
    String uri = RemoteFiles.put("a.tar", bytes);
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      images.add(ImageRef.range("a/" + i, uri, i * MEGABYTE, MEGABYTE, null));
    }
    long afterGap = 9 * MEGABYTE + ReadRequest.LARGEST_GAP;
    images.add(ImageRef.range("gap", uri, afterGap, 1000, null));
    images.add(ImageRef.range("wide", uri, afterGap + 1001 + ReadRequest.LARGEST_GAP, 1000, null));
    List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    RemoteFiles.beforeRead((file, from, to) -> ranges.add(from + " " + to));
    List<ByteBuffer> read = readAll(images);
    for (int i = 0; i < images.size(); i++) {
      ImageRef image = images.get(i);
      assertThat(read.get(i).array())
          .isEqualTo(Arrays.copyOfRange(bytes, (int) image.offset(), (int) image.end()));
    }
    assertThat(ranges)
        .containsExactlyInAnyOrder(
            "0 " + 4 * MEGABYTE,
            4 * MEGABYTE + " " + 8 * MEGABYTE,
            8 * MEGABYTE + " " + (afterGap + 1000),
            images.get(10).offset() + " " + images.get(10).end());
  }

  @Test
  void readsAheadNoMoreBytesThanAllowed() throws Exception {
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      images.add(file("%d.png".formatted(i), new byte[1000]));
    }
    AtomicLong taken = new AtomicLong();
    AtomicLong most = new AtomicLong();
    RemoteFiles.beforeRead(
        (uri, from, to) ->
            most.accumulateAndGet(RemoteFiles.bytes() + to - from - taken.get(), Math::max));
    // Threads that work at once: whatever is handed to them has been read.
    try (ImageReader reader = new ImageReader(images, null, 4000, Runnable::run)) {
      for (int i = 0; i < 50; i++) {
        taken.addAndGet(reader.next().length);
      }
    }
    assertThat(most.get()).isEqualTo(4000);
  }

  @Test
  void aFileThatWasCutRejectsOnlyWhatWasCutOff() throws Exception {
    List<ImageRef> images = shard("tar", 60);
    byte[] bytes = Files.readAllBytes(folder.resolve("shard.tar"));
    RemoteFiles.put("shard.tar", Arrays.copyOf(bytes, (int) images.get(7).end() - 1));
    assertThat(rejects(images))
        .hasSize(53)
        .first()
        .isEqualTo(images.get(7).id() + " unreadable: the file ends 1 bytes before the image does");
    assertThat(RemoteFiles.openNow()).isZero();
  }

  @Test
  void aDamagedBlockRejectsItsRecordsOnly() throws Exception {
    List<ImageRef> images = shard("avro", 60);
    ImageRef broken = images.get(30);
    List<ImageRef> block =
        images.stream().filter(image -> image.offset() == broken.offset()).toList();
    byte[] bytes = Files.readAllBytes(folder.resolve("shard.avro"));
    // The sync marker that ends the block before; what follows it is the count of records.
    Arrays.fill(bytes, (int) broken.offset(), (int) broken.offset() + 10, (byte) 0xff);
    RemoteFiles.put("shard.avro", bytes);
    assertThat(rejects(images)).hasSize(block.size()).allMatch(text -> text.contains("unreadable"));
    assertThat(block.size()).isBetween(2, 20);
    assertThat(RemoteFiles.openNow()).isZero();
  }

  static List<Exception> faults() {
    return List.of(
        new IOException("connection reset"),
        new SocketTimeoutException("read timed out"),
        new UncheckedIOException(new IOException("503")),
        new IllegalStateException("no credentials"));
  }

  /** A reject would be lost for ever, and in training another image would take its place. */
  @ParameterizedTest
  @MethodSource("faults")
  void aFaultThatPassesChangesNothing(Exception fault) throws Exception {
    List<ImageRef> images = new ArrayList<>();
    for (String suffix : List.of("tar", "avro", "tfrecord")) {
      images.addAll(shard(suffix, 20));
    }
    images.add(file("loose.png", TestImages.png(1)));
    List<ByteBuffer> expected = oneAfterTheOther(images);
    Map<String, Integer> attempts = new ConcurrentHashMap<>();
    RemoteFiles.beforeRead(
        (uri, from, to) -> {
          if (attempts.merge(uri + from, 1, Integer::sum) <= 3) {
            throw fault;
          }
        });
    assertThat(readAll(images)).isEqualTo(expected);
    assertThat(attempts.values()).isNotEmpty().allMatch(count -> count >= 4);
    assertThat(RemoteFiles.openNow()).isZero();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultThatStaysIsNoReject(Exception fault) throws Exception {
    List<ImageRef> images = shard("tar", 3);
    images.addAll(shard("avro", 20));
    images.add(file("loose.png", TestImages.png(1)));
    RemoteFiles.beforeRead(
        (uri, from, to) -> {
          throw fault;
        });
    for (ImageRef image : images) {
      try (ImageReader reader = ImageReader.of(List.of(image))) {
        assertThatThrownBy(reader::next)
            .isInstanceOf(IllegalStateException.class)
            .hasStackTraceContaining("StorageException")
            .hasStackTraceContaining(fault.getMessage());
      }
    }
    assertThat(RemoteFiles.openNow()).isZero();
  }

  @Test
  void tellsApartWhyImagesCannotBeUsed() throws Exception {
    byte[] png = TestImages.png(1);
    ImageRef changed = indexed(file("a.png", png), TestImages.png(2));
    ImageRef missing = ImageRef.range("b.png", "slow://b.png", 0, 9, null);
    ImageRef cut = ImageRef.range("a.png", changed.uri(), 10, png.length, null);
    ImageRef huge = ImageRef.range("a.png", changed.uri(), 0, ReadRequest.LARGEST_IMAGE + 1L, null);
    try (ImageReader reader = ImageReader.of(List.of(changed, missing, cut, huge))) {
      assertThat(List.of(reject(reader), reject(reader), reject(reader), reject(reader)))
          .containsExactly(
              "changed: these are not the bytes that were indexed",
              "unreadable: no file slow://b.png",
              "unreadable: the file ends 10 bytes before the image does",
              "too_large: a file of 536,870,913 bytes; at most 536,870,912 are read");
    }
  }

  @Test
  void anEpochLaterImagesComeFromTheCache() throws Exception {
    List<ImageRef> images = new ArrayList<>();
    for (ImageRef image : shard("tar", 100)) {
      images.add(indexed(image, oneAfterTheOther(List.of(image)).get(0).array()));
    }
    EncodedImages cache = new EncodedImages(MEGABYTE);
    List<ByteBuffer> first = readAll(images, cache);
    RemoteFiles.resetCounts();
    assertThat(readAll(images, cache)).isEqualTo(first);
    assertThat(RemoteFiles.requests()).isZero();
    assertThat(RemoteFiles.opened()).isZero();
    assertThat(readAll(images)).isEqualTo(first);
    assertThat(RemoteFiles.requests()).as("without the cache").isPositive();
  }

  @Test
  void theCacheHoldsNoMoreThanItsShareAndKeepsMostOfThat() throws Exception {
    byte[] bytes = new byte[10_000];
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      new Random(i).nextBytes(bytes);
      images.add(indexed(file("%d.png".formatted(i), bytes.clone()), bytes));
    }
    EncodedImages cache = new EncodedImages(500_000);
    for (int epoch = 0; epoch < 10; epoch++) {
      RemoteFiles.resetCounts();
      Collections.shuffle(images, new Random(epoch));
      readAll(images, cache);
      assertThat(images.stream().filter(image -> cache.get(image) != null).count())
          .isLessThanOrEqualTo(50);
      if (epoch > 0) {
        assertThat(RemoteFiles.requests()).isBetween(50, 75);
      }
    }
  }

  @Test
  void localFilesAndUnindexedImagesStayOutOfTheCache() throws Exception {
    Path path = Files.write(folder.resolve("a.png"), TestImages.png(1));
    ImageRef local =
        indexed(
            ImageRef.range("a.png", path.toString(), 0, TestImages.png(1).length, null),
            TestImages.png(1));
    ImageRef unindexed = file("b.png", TestImages.png(2));
    EncodedImages cache = new EncodedImages(MEGABYTE);
    readAll(List.of(local, unindexed), cache);
    assertThat(cache.get(local)).isNull();
    readAll(List.of(indexed(unindexed, TestImages.png(2))), cache);
    assertThat(RemoteFiles.requests()).isEqualTo(2);
  }

  @Test
  void localFilesAreReadByTheCallerWhenItAsks() throws Exception {
    Path path = Files.write(folder.resolve("a.png"), TestImages.png(1));
    Path gone = Files.write(folder.resolve("b.png"), TestImages.png(2));
    ImageRef first = ImageRef.range("a", path.toString(), 0, TestImages.png(1).length, null);
    ImageRef second = ImageRef.range("b", gone.toString(), 0, TestImages.png(2).length, null);
    try (ImageReader reader = ImageReader.of(List.of(first, second))) {
      assertThat(reader.next()).isEqualTo(TestImages.png(1));
      Files.delete(gone);
      assertThat(reject(reader)).startsWith("unreadable");
    }
  }

  /** A canceled job must not leave rejects that are none. */
  @Test
  void anInterruptIsNoReject() throws Exception {
    Path path = Files.write(folder.resolve("a.png"), TestImages.png(1));
    ImageRef local = ImageRef.range("a", path.toString(), 0, 10, null);
    CountDownLatch never = new CountDownLatch(1);
    RemoteFiles.beforeRead((uri, from, to) -> never.await());
    for (ImageRef image : List.of(local, file("a.png", TestImages.png(1)))) {
      try (ImageReader reader = ImageReader.of(List.of(image))) {
        Thread.currentThread().interrupt();
        assertThatThrownBy(reader::next)
            .isInstanceOf(IllegalStateException.class)
            .hasStackTraceContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
      }
    }
    never.countDown();
  }

  private List<ImageRef> shard(String suffix, int images) throws IOException {
    Path file = folder.resolve("shard." + suffix);
    switch (suffix) {
      case "tar" -> TestImages.writeTar(file, images);
      case "avro" -> TestImages.writeAvro(file, images, CodecFactory.nullCodec());
      default -> TestImages.writeTfRecord(file, images);
    }
    String uri = RemoteFiles.put("shard." + suffix, Files.readAllBytes(file));
    return new ArrayList<>(
        ListImagesTest.scan(file, RecordFields.AUTO).stream()
            .map(
                image ->
                    new ImageRef(
                        image.id(),
                        uri,
                        image.offset(),
                        image.length(),
                        image.record(),
                        null,
                        null))
            .toList());
  }

  private static ImageRef file(String name, byte[] bytes) {
    return ImageRef.range(name, RemoteFiles.put(name, bytes), 0, bytes.length, null);
  }

  private static ImageRef indexed(ImageRef image, byte[] bytes) {
    return new ImageRef(
        image.id(),
        image.uri(),
        image.offset(),
        image.length(),
        image.record(),
        null,
        Sha256.of(bytes));
  }

  private static List<ByteBuffer> readAll(List<ImageRef> images) throws RejectedImageException {
    return readAll(images, null);
  }

  private static List<ByteBuffer> readAll(List<ImageRef> images, EncodedImages cache)
      throws RejectedImageException {
    List<ByteBuffer> all = new ArrayList<>();
    try (ImageReader reader = new ImageReader(images, cache, MEGABYTE, ReadThreads.get())) {
      for (int i = 0; i < images.size(); i++) {
        all.add(ByteBuffer.wrap(reader.next()));
      }
    }
    return all;
  }

  /** Each image from a file of its own. */
  private static List<ByteBuffer> oneAfterTheOther(List<ImageRef> images) throws IOException {
    List<ByteBuffer> all = new ArrayList<>();
    for (ImageRef image : images) {
      try (ShardFormat.OpenFile file = ShardFormats.open(image)) {
        all.add(ByteBuffer.wrap(file.read(List.of(image)).get(0)));
      }
    }
    return all;
  }

  /** Reads images, and returns those that are rejected, with the reason. */
  private static List<String> rejects(List<ImageRef> images) {
    List<String> rejects = new ArrayList<>();
    try (ImageReader reader = ImageReader.of(images)) {
      for (ImageRef image : images) {
        try {
          assertThat(reader.next()).hasSize((int) image.length());
        } catch (RejectedImageException e) {
          rejects.add(image.id() + " " + e.reason().code() + ": " + e.getMessage());
        }
      }
    }
    return rejects;
  }

  private static String reject(ImageReader reader) {
    try {
      reader.next();
      throw new AssertionError("not rejected");
    } catch (RejectedImageException e) {
      return e.reason().code() + ": " + e.getMessage();
    }
  }
}
