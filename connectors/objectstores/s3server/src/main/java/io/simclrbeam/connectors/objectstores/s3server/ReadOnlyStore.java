package io.simclrbeam.connectors.objectstores.s3server;

import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.domain.Blob;
import org.jclouds.blobstore.domain.BlobMetadata;
import org.jclouds.blobstore.domain.MultipartUpload;
import org.jclouds.blobstore.options.CopyOptions;
import org.jclouds.blobstore.options.PutOptions;
import org.jclouds.blobstore.util.ForwardingBlobStore;
import org.jclouds.rest.AuthorizationException;

/** Denies all writing, in the way that a bucket does whose policy lets one only read. */
final class ReadOnlyStore extends ForwardingBlobStore {
  ReadOnlyStore(BlobStore store) {
    super(store);
  }

  private static AuthorizationException denied() {
    return new AuthorizationException("this bucket may only be read");
  }

  @Override
  public String putBlob(String bucket, Blob blob) {
    throw denied();
  }

  @Override
  public String putBlob(String bucket, Blob blob, PutOptions options) {
    throw denied();
  }

  @Override
  public MultipartUpload initiateMultipartUpload(
      String bucket, BlobMetadata metadata, PutOptions options) {
    throw denied();
  }

  @Override
  public String copyBlob(
      String fromBucket, String fromKey, String toBucket, String toKey, CopyOptions options) {
    throw denied();
  }

  @Override
  public void removeBlob(String bucket, String key) {
    throw denied();
  }

  @Override
  public void removeBlobs(String bucket, Iterable<String> keys) {
    throw denied();
  }
}
