package io.simclrbeam.transforms.remote;

import org.apache.beam.sdk.io.fs.ResolveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;

/** The name of a file or, with a slash at its end, of a folder. */
record RemoteResource(String uri) implements ResourceId {
  @Override
  public RemoteResource resolve(String other, ResolveOptions options) {
    String end = options.equals(StandardResolveOptions.RESOLVE_DIRECTORY) ? "/" : "";
    return new RemoteResource(getCurrentDirectory().uri + other + end);
  }

  @Override
  public RemoteResource getCurrentDirectory() {
    return new RemoteResource(uri.substring(0, uri.lastIndexOf('/') + 1));
  }

  @Override
  public String getScheme() {
    return uri.substring(0, uri.indexOf(':'));
  }

  @Override
  public @Nullable String getFilename() {
    return uri.substring(uri.lastIndexOf('/') + 1);
  }

  @Override
  public boolean isDirectory() {
    return uri.endsWith("/");
  }

  @Override
  public String toString() {
    return uri;
  }
}
