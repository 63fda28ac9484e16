package io.simclrbeam.transforms.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class StorageExceptionTest {
  @Test
  void ofAnAnswerOfGooglesTheMessageIsTold() {
    assertReason(
        new IOException(
            "Unable to match files in bucket b, prefix p.",
            new IOException(
                """
                404 Not Found
                GET https://example.com/b
                {
                  "code": 404,
                  "message": "The specified bucket does not exist."
                }""")),
        "The specified bucket does not exist");
  }

  @Test
  void ofAnAnswerOfAmazonsTheTextOrElseTheStatusIsTold() {
    assertReason(
        new IOException(new IOException("No such bucket (Service: S3, Status Code: 404, ID: 1)")),
        "No such bucket");
    assertReason(
        new IOException(new IllegalStateException("null (Service: S3, Status Code: 403, ID: 1)")),
        "access is denied (403)");
  }

  @Test
  void ofAnythingElseTheCauseIsTold() {
    assertReason(
        new IOException("request failed", new ConnectException("Connection refused")),
        "Connection refused");
    assertReason(
        new IOException("request failed", new UnknownHostException("store.example.com")),
        "there is no host store.example.com");
    assertReason(new NullPointerException(), "java.lang.NullPointerException");
  }

  private static void assertReason(Throwable thrown, String reason) {
    assertThat(StorageException.reason(thrown)).isEqualTo(reason);
    assertThat(new StorageException("s3://a/b", "written", thrown))
        .hasMessage(
            "s3://a/b cannot be written: %s. Check the address, the network, and what the credentials allow."
                .formatted(reason));
  }
}
