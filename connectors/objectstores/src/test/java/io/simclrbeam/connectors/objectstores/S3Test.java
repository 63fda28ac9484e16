package io.simclrbeam.connectors.objectstores;

import io.simclrbeam.connectors.objectstores.s3.S3Process;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class S3Test extends BucketStoreTest {
  private S3Process server;

  @Override
  Place start() throws IOException {
    server = new S3Process();
    return new Place("s3://open/of/a test", options(S3Process.SECRET));
  }

  /** By the name of a host, of which there is none for each bucket, as on most premises. */
  private List<String> options(String secret) {
    return List.of(
        "--endpoint=http://localhost:" + server.port(),
        "--s3ClientFactoryClass=io.simclrbeam.connectors.s3.PathStyle",
        "--awsRegion=us-east-1",
        "--awsCredentialsProvider={\"@type\": \"StaticCredentialsProvider\", \"accessKeyId\": \"%s\", \"secretAccessKey\": \"%s\"}"
            .formatted(S3Process.KEY_ID, secret),
        "--s3UploadBufferSizeBytes=5242880");
  }

  @Override
  void stop() throws IOException {
    server.close();
  }

  @Override
  String part(String name) {
    return "s3://" + name;
  }

  @Override
  String denial() {
    return "(Forbidden|access is denied \\(403\\))";
  }

  @Test
  void aWrongSecretIsDenied() {
    Place stranger = new Place(place().root(), options("wrong"));
    String input = place().path("images");
    assertFails(
        3,
        "--input=%s cannot be reached: access is denied \\(403\\)\\. Check .*"
            .formatted(Pattern.quote(input)),
        stranger.tryPipeline("index", "--input=" + input, "--output=" + place().path("failed")));
  }

  @Test
  void aServerThatIsNotThereIsNamed() {
    Place nowhere =
        new Place(
            "s3://open",
            List.of(
                "--endpoint=http://localhost:1",
                "--s3ClientFactoryClass=io.simclrbeam.connectors.s3.PathStyle",
                "--awsRegion=us-east-1",
                options("any").get(3)));
    assertFails(
        1,
        "s3://open/out/\\S* cannot be read: Connection refused\\. Check .*",
        nowhere.attempt("show", "s3://open/out"));
  }
}
