package io.simclrbeam.transforms.remote;

import java.io.FileNotFoundException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Collection;
import java.util.List;
import org.apache.beam.sdk.io.FileSystem;
import org.apache.beam.sdk.io.fs.CreateOptions;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MatchResult.Metadata;
import org.apache.beam.sdk.io.fs.MatchResult.Status;
import org.apache.beam.sdk.io.fs.MoveOptions;

/** Beam's view of {@link RemoteFiles}, for reading only. */
final class RemoteFileSystem extends FileSystem<RemoteResource> {
  private final String scheme;

  RemoteFileSystem(String scheme) {
    this.scheme = scheme;
  }

  @Override
  protected List<MatchResult> match(List<String> specs) {
    return specs.stream().map(RemoteFileSystem::match).toList();
  }

  private static MatchResult match(String spec) {
    String prefix = spec.endsWith("**") ? spec.substring(0, spec.length() - 2) : null;
    List<Metadata> found =
        RemoteFiles.FILES.keySet().stream()
            .filter(uri -> prefix == null ? uri.equals(spec) : uri.startsWith(prefix))
            .map(RemoteFileSystem::metadata)
            .toList();
    return found.isEmpty()
        ? MatchResult.create(Status.NOT_FOUND, new FileNotFoundException(spec))
        : MatchResult.create(Status.OK, found);
  }

  private static Metadata metadata(String uri) {
    return Metadata.builder()
        .setResourceId(new RemoteResource(uri))
        .setSizeBytes(RemoteFiles.FILES.get(uri).length)
        .setIsReadSeekEfficient(true)
        .build();
  }

  @Override
  protected ReadableByteChannel open(RemoteResource file) throws FileNotFoundException {
    byte[] bytes = RemoteFiles.FILES.get(file.uri());
    if (bytes == null) {
      throw new FileNotFoundException("no file " + file);
    }
    return new RemoteChannel(file.uri(), bytes);
  }

  @Override
  protected RemoteResource matchNewResource(String uri, boolean isDirectory) {
    return new RemoteResource(isDirectory && !uri.endsWith("/") ? uri + "/" : uri);
  }

  @Override
  protected String getScheme() {
    return scheme;
  }

  @Override
  protected WritableByteChannel create(RemoteResource file, CreateOptions options) {
    throw new UnsupportedOperationException("for reading only");
  }

  @Override
  protected void copy(List<RemoteResource> from, List<RemoteResource> to) {
    throw new UnsupportedOperationException("for reading only");
  }

  @Override
  protected void rename(
      List<RemoteResource> from, List<RemoteResource> to, MoveOptions... options) {
    throw new UnsupportedOperationException("for reading only");
  }

  @Override
  protected void delete(Collection<RemoteResource> files) {
    throw new UnsupportedOperationException("for reading only");
  }
}
