package io.simclrbeam.transforms.remote;

import java.util.List;
import org.apache.beam.sdk.io.FileSystem;
import org.apache.beam.sdk.io.FileSystemRegistrar;
import org.apache.beam.sdk.options.PipelineOptions;

/** Makes {@code slow://} and {@code paged://} known to Beam. */
public final class RemoteFileSystemRegistrar implements FileSystemRegistrar {
  @Override
  public Iterable<FileSystem<?>> fromOptions(PipelineOptions options) {
    return List.of(new RemoteFileSystem("slow"), new RemoteFileSystem("paged"));
  }
}
