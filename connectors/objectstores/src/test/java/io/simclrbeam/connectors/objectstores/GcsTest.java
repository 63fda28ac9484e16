package io.simclrbeam.connectors.objectstores;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.connectors.objectstores.gcs.GcsServer;
import java.io.IOException;
import java.util.List;

final class GcsTest extends BucketStoreTest {
  private GcsServer server;

  @Override
  Place start() throws IOException {
    server = new GcsServer();
    return new Place(
        "gs://open/of/a test",
        List.of(
            "--gcsEndpoint=" + server.endpoint(),
            "--credentialFactoryClass=org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory",
            "--project=test",
            // Small, so that files are written in several requests.
            "--gcsUploadBufferSizeBytes=262144"));
  }

  @Override
  void stop() {
    server.close();
    assertThat(server.notUnderstood()).isEmpty();
  }

  @Override
  String part(String name) {
    return "gs://" + name;
  }

  @Override
  String denial() {
    return "Anonymous caller does not have access to bucket \\w+";
  }
}
