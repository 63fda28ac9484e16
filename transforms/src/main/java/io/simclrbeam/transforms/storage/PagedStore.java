package io.simclrbeam.transforms.storage;

import java.io.IOException;
import java.util.List;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * A store that lists its files page by page. Beam's file systems hand a listing over as a whole,
 * which is some gigabytes for ten million files. Such stores are services: name the class in {@code
 * META-INF/services/io.simclrbeam.transforms.storage.PagedStore}.
 */
public interface PagedStore {
  /** Returns what its addresses begin with, such as {@code gs} for {@code gs://...}. */
  String scheme();

  /**
   * Returns a client. It connects when it is used first.
   *
   * @param options that Beam's file systems have
   */
  Client connect(PipelineOptions options);

  /** Asks the store; for many threads. */
  interface Client {
    /**
     * Lists files of a bucket, in the order of their names.
     *
     * @param prefix of their names
     * @param deep whether those in folders below are listed too; if not, these folders are
     * @param next what the page before this one said; null for the first page
     * @throws IOException or what the client of the store throws, if it refuses
     */
    Page list(String bucket, String prefix, boolean deep, @Nullable String next) throws IOException;
  }

  /**
   * A part of a listing.
   *
   * @param folders names from the bucket's root on, each with a slash at its end
   * @param next for the next page; null if there is none
   */
  record Page(List<Entry> files, List<String> folders, @Nullable String next) {}

  /**
   * A file.
   *
   * @param name from the bucket's root on
   * @param size in bytes
   * @param changed milliseconds since 1970; 0 if not known
   * @param checksum of its content, of whatever kind; null if not known
   */
  record Entry(String name, long size, long changed, @Nullable String checksum) {}
}
