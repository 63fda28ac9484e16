package io.simclrbeam.transforms.remote;

import io.simclrbeam.transforms.storage.PagedStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/** Lists {@link RemoteFiles} as object stores do. There is no bucket {@code nowhere}. */
public final class RemotePages implements PagedStore {
  @Override
  public String scheme() {
    return "paged";
  }

  @Override
  public Client connect(PipelineOptions options) {
    return RemotePages::list;
  }

  private static Page list(String bucket, String prefix, boolean deep, @Nullable String next)
      throws IOException {
    if (bucket.equals("nowhere")) {
      throw new IOException("there is no such bucket");
    }
    RemoteFiles.PAGES.incrementAndGet();
    String root = "paged://%s/".formatted(bucket);
    TreeSet<String> found = new TreeSet<>();
    for (String uri : RemoteFiles.FILES.keySet()) {
      if (uri.startsWith(root + prefix)) {
        String name = uri.substring(root.length());
        int slash = deep ? -1 : name.indexOf('/', prefix.length());
        found.add(slash < 0 ? name : name.substring(0, slash + 1));
      }
    }
    List<Entry> files = new ArrayList<>();
    List<String> folders = new ArrayList<>();
    for (String name : next == null ? found : found.tailSet(next, false)) {
      byte[] file = RemoteFiles.FILES.get(root + name);
      if (file == null) {
        folders.add(name);
      } else {
        files.add(new Entry(name, file.length, 1_700_000_000_000L, null));
      }
      if (files.size() + folders.size() == RemoteFiles.pageSize) {
        return new Page(files, folders, name.equals(found.last()) ? null : name);
      }
    }
    return new Page(files, folders, null);
  }
}
