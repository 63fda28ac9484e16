package io.simclrbeam.connectors.objectstores;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.storage.FileListing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.junit.jupiter.api.Test;

/** Of stores with buckets, which are made by other means than by writing to them. */
abstract class BucketStoreTest extends StoreTest {
  private static final String NO_BUCKET = "The specified bucket does not exist\\.";

  @Test
  void aMissingBucketIsNoEmptyOne() {
    Place place = place();
    String bucket = part("nowhere");
    for (String input :
        new String[] {bucket, bucket + "/", bucket + "/images", bucket + "/*.png"}) {
      assertFails(
          3,
          "--input=\\S+ cannot be reached: %s Check the address.*".formatted(NO_BUCKET),
          place.tryPipeline("index", "--input=" + input, "--output=" + place.path("failed")));
    }
    String images = "--input=" + place.path("images");
    assertFails(
        1, missing("written"), place.tryPipeline("index", images, "--output=" + bucket + "/index"));
    assertFails(
        1,
        missing("(read|written)"),
        place.tryPipeline(
            "embed", images, "--model=" + place.path("model"), "--output=" + bucket + "/out"));
    assertFails(1, missing("read"), place.attempt("show", bucket + "/embeddings"));
    assertFails(
        1,
        missing("written"),
        place.attempt(
            "evaluate",
            "--train=" + place.path("embeddings"),
            "--test=" + place.path("embeddings"),
            "--knn=5",
            "--output=" + bucket + "/evaluation.json"));
  }

  private static String missing(String done) {
    return "\\S+://nowhere/\\S* cannot be %s: %s Check the address.*".formatted(done, NO_BUCKET);
  }

  /** Beam's own listing is the slow and obvious twin. It comes whole. */
  @Test
  void aListingInPagesIsThatOfBeam() throws IOException {
    FileStore files = place().files();
    List<String> names = List.of("a/1", "a/2", "a/b/3", "[a]*/4", "a b/\u00fc%20#", "5", "6");
    for (String name : names) {
      files.write("listed/" + name, out -> out.write(name.getBytes(UTF_8)));
    }
    assertThat(FileListing.of(place().path("listed/*")))
        .allSatisfy(file -> assertThat(file.checksum()).isNotEmpty());
    for (String glob : new String[] {"listed/**", "listed/*", "listed/a/*", "l*/a*/?", "**"}) {
      String pattern = place().path(glob);
      assertThat(FileListing.of(pattern))
          .as(glob)
          .isNotEmpty()
          .extracting(BucketStoreTest::describe)
          .containsExactlyInAnyOrderElementsOf(
              FileSystems.match(pattern).metadata().stream()
                  .map(BucketStoreTest::describe)
                  .toList());
    }
  }

  /** Without the checksum, which Beam gives only for some stores. */
  private static String describe(MatchResult.Metadata file) {
    return "%s %d %d".formatted(file.resourceId(), file.sizeBytes(), file.lastModifiedMillis());
  }

  @Test
  void largeFoldersOfABucketAreListedOnTheirOwn() throws IOException {
    place().files(); // sets up Beam's file systems
    String root = part("large/");
    List<String> top = new ArrayList<>();
    assertThat(FileListing.split(root, file -> top.add(file.resourceId().getFilename())))
        .containsExactly(root + "[a]/");
    assertThat(top).containsExactly("top");
    List<String> below = new ArrayList<>();
    FileListing.visitFolder(root + "[a]/", file -> below.add(file.resourceId().getFilename()));
    assertThat(below).hasSize(1001).doesNotHaveDuplicates();
  }

  /** A bucket is a folder even without a slash at its end. */
  @Test
  void aWholeBucketIsAnInput() {
    place()
        .runPipeline(
            "index",
            "--input=" + part("open"),
            "--output=" + place().path("whole-bucket"),
            "--maxRejects=90%");
  }
}
