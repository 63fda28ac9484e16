package io.simclrbeam.connectors.s3;

import io.simclrbeam.transforms.storage.PagedStore;
import java.time.Instant;
import org.apache.beam.sdk.io.aws2.options.S3Options;
import org.apache.beam.sdk.io.aws2.s3.S3FileSystemConfiguration;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Lists S3 page by page, with a client as Beam's own file system makes it. That one asks for the
 * head of each file that it lists; here a request lists a thousand.
 */
public final class S3Pages implements PagedStore {
  @Override
  public String scheme() {
    return "s3";
  }

  @Override
  public Client connect(PipelineOptions options) {
    return new S3(options.as(S3Options.class));
  }

  private static final class S3 implements Client {
    private final S3Options options;
    private @Nullable S3Client client;

    S3(S3Options options) {
      this.options = options;
    }

    /** Not before it is used: without credentials for S3, one could not be made. */
    private synchronized S3Client client() {
      S3Client connected = client;
      if (connected == null) {
        connected = S3FileSystemConfiguration.fromS3Options(options).getS3ClientBuilder().build();
        client = connected;
      }
      return connected;
    }

    @Override
    public Page list(String bucket, String prefix, boolean deep, @Nullable String next) {
      ListObjectsV2Request.Builder request =
          ListObjectsV2Request.builder().bucket(bucket).prefix(prefix).continuationToken(next);
      ListObjectsV2Response found =
          client().listObjectsV2((deep ? request : request.delimiter("/")).build());
      return new Page(
          found.contents().stream().map(S3::entry).toList(),
          found.commonPrefixes().stream().map(CommonPrefix::prefix).toList(),
          found.nextContinuationToken());
    }

    private static Entry entry(S3Object object) {
      @Nullable Instant changed = object.lastModified();
      return new Entry(
          object.key(), object.size(), changed == null ? 0 : changed.toEpochMilli(), object.eTag());
    }
  }
}
