package io.simclrbeam.connectors.gcs;

import com.google.api.client.util.DateTime;
import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;
import io.simclrbeam.transforms.storage.PagedStore;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import org.apache.beam.sdk.extensions.gcp.options.GcsOptions;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * Lists Google Cloud Storage page by page, with the client of Beam's own file system, and so with
 * its credentials, retries and options.
 */
public final class GcsPages implements PagedStore {
  private static final String SLASH = "/";

  @Override
  public String scheme() {
    return "gs";
  }

  @Override
  public Client connect(PipelineOptions options) {
    GcsOptions gcs = options.as(GcsOptions.class);
    return (bucket, prefix, deep, next) -> list(gcs, bucket, prefix, deep, next);
  }

  private static Page list(
      GcsOptions options, String bucket, String prefix, boolean deep, @Nullable String next)
      throws IOException {
    Objects found = options.getGcsUtil().listObjects(bucket, prefix, next, deep ? null : SLASH);
    return new Page(
        orNone(found.getItems()).stream().map(GcsPages::entry).toList(),
        orNone(found.getPrefixes()),
        found.getNextPageToken());
  }

  /** The client gives null for an empty list. */
  private static <T> List<T> orNone(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  private static Entry entry(StorageObject object) {
    @Nullable BigInteger size = object.getSize();
    @Nullable DateTime updated = object.getUpdated();
    return new Entry(
        object.getName(),
        size == null ? 0 : size.longValueExact(),
        updated == null ? 0 : updated.getValue(),
        object.getMd5Hash());
  }
}
