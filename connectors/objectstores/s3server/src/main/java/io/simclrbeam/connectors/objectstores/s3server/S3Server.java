package io.simclrbeam.connectors.objectstores.s3server;

import java.net.URI;
import java.util.Map;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.BlobStoreLocator;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.rest.AuthorizationException;

/**
 * S3Proxy with buckets in memory: {@code open}, {@code readonly}, and {@code forbidden}, which lets
 * nobody in. Another one, {@code large}, has a file and a folder of 1,001. Other buckets are not
 * there.
 *
 * <p>Prints its port, and ends when its standard input does, so that it never outlives the test
 * that started it.
 */
public final class S3Server {
  private S3Server() {}

  /** Serves until there is no more input; arguments are the key's id and its secret. */
  public static void main(String[] arguments) throws Exception {
    String keyId = arguments[0];
    String secret = arguments[1];
    try (BlobStoreContext context =
        ContextBuilder.newBuilder("transient-nio2")
            .credentials("local", "local")
            .build(BlobStoreContext.class)) {
      BlobStore store = context.getBlobStore();
      store.createContainerInLocation(null, "open");
      store.createContainerInLocation(null, "readonly");
      store.createContainerInLocation(null, "large");
      for (int i = 0; i < 1002; i++) { // a page lists 1,000
        String name = i == 0 ? "top" : "[a]/" + i;
        store.putBlob("large", store.blobBuilder(name).payload(new byte[1]).build());
      }
      S3Proxy server =
          S3Proxy.builder()
              .blobStore(store)
              .endpoint(URI.create("http://127.0.0.1:0"))
              .ignoreUnknownHeaders(true) // S3 itself has more of them than it knows
              .awsAuthentication(AuthenticationType.AWS_V4, keyId, secret)
              .build();
      server.setBlobStoreLocator(locator(store, keyId, secret));
      server.start();
      System.out.println(server.getPort());
      while (System.in.read() >= 0) {
        // Whatever comes, only the end matters.
      }
      server.stop();
    }
  }

  private static BlobStoreLocator locator(BlobStore store, String keyId, String secret) {
    BlobStore readOnly = new ReadOnlyStore(store);
    return (identity, bucket, key) -> {
      if ("forbidden".equals(bucket)) {
        throw new AuthorizationException("nobody may");
      }
      return keyId.equals(identity)
          ? Map.entry(secret, "readonly".equals(bucket) ? readOnly : store)
          : null;
    };
  }
}
