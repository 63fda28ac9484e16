package io.simclrbeam.connectors.objectstores;

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
