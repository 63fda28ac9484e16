package io.simclrbeam.pipelines.index;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Collection;
import java.util.List;
import org.apache.beam.sdk.io.FileSystem;
import org.apache.beam.sdk.io.FileSystemRegistrar;
import org.apache.beam.sdk.io.fs.CreateOptions;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.options.PipelineOptions;

/** Makes {@code down://}, a file system that lets nobody in. */
public final class DownFileSystem extends FileSystem<DownFileSystem.Name> {
  /** Registers it with Beam. */
  public static final class Registrar implements FileSystemRegistrar {
    @Override
    public Iterable<FileSystem<?>> fromOptions(PipelineOptions options) {
      return List.of(new DownFileSystem());
    }
  }

  /** Whatever it was asked for. */
  public record Name(String uri) implements ResourceId {
    @Override
    public ResourceId resolve(String other, ResolveOptions options) {
      return new Name(uri + other);
    }

    @Override
    public ResourceId getCurrentDirectory() {
      return this;
    }

    @Override
    public String getScheme() {
      return "down";
    }

    @Override
    public String getFilename() {
      return uri;
    }

    @Override
    public boolean isDirectory() {
      return false;
    }

    @Override
    public String toString() {
      return uri;
    }
  }

  @Override
  protected ReadableByteChannel open(Name file) throws IOException {
    // Some clients throw their own exceptions, some Java's.
    if (file.uri().contains("unchecked")) {
      throw new IllegalStateException("no credentials.\nlook them up");
    }
    throw new IOException(
        "connection refused" + (file.uri().contains("wordy") ? "!".repeat(999) : ""));
  }

  @Override
  protected Name matchNewResource(String uri, boolean isDirectory) {
    return new Name(uri);
  }

  @Override
  protected String getScheme() {
    return "down";
  }

  @Override
  protected List<MatchResult> match(List<String> specs) throws IOException {
    throw new IOException("connection refused");
  }

  @Override
  protected WritableByteChannel create(Name file, CreateOptions options) throws IOException {
    throw new IOException("connection refused");
  }

  @Override
  protected void copy(List<Name> from, List<Name> to) throws IOException {
    throw new IOException("connection refused");
  }

  @Override
  protected void rename(List<Name> from, List<Name> to, MoveOptions... options) throws IOException {
    throw new IOException("connection refused");
  }

  @Override
  protected void delete(Collection<Name> files) throws IOException {
    throw new IOException("connection refused");
  }
}
