package io.simclrbeam.connectors.s3;

import org.apache.beam.sdk.io.aws2.options.S3ClientBuilderFactory;
import org.apache.beam.sdk.io.aws2.options.S3Options;
import org.apache.beam.sdk.io.aws2.s3.DefaultS3ClientBuilderFactory;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Makes clients that ask for {@code ENDPOINT/BUCKET/KEY}, for {@code --s3ClientFactoryClass}. Those
 * that Beam makes ask for {@code BUCKET.ENDPOINT/KEY}, and most stores other than Amazon's have no
 * names of hosts for their buckets.
 */
public final class PathStyle implements S3ClientBuilderFactory {
  @Override
  public S3ClientBuilder createBuilder(S3Options options) {
    return new DefaultS3ClientBuilderFactory().createBuilder(options).forcePathStyle(true);
  }
}
