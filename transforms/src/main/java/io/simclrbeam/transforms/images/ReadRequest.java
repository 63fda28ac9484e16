package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Images that are read together: one, or neighbors in a file. */
record ReadRequest(List<ImageRef> images) {
  /** No image that can be decoded has a larger file. A file that is no image may. */
  static final int LARGEST_IMAGE = 512 << 20;

  /** An object store takes about as long to send this much as to begin its answer. */
  static final int LARGEST_RANGE = 4 << 20;

  /** Records are read again from the start of their block, so more of them are read together. */
  static final int LARGEST_RECORDS = 32 << 20;

  /** Bytes between two images that cost less than another request. */
  static final int LARGEST_GAP = 64 << 10;

  /** Returns a request for the first of some images, and for those after it that lie beside it. */
  static ReadRequest startOf(List<ImageRef> images) {
    int size = 1;
    long bytes = images.get(0).length();
    while (size < images.size()
        && joins(images.get(0), images.get(size - 1), images.get(size), bytes)) {
      bytes += images.get(size).length();
      size++;
    }
    return new ReadRequest(images.subList(0, size));
  }

  private static boolean joins(ImageRef first, ImageRef last, ImageRef next, long bytes) {
    if (!last.uri().equals(next.uri()) || first.length() > LARGEST_RANGE) {
      return false;
    }
    if (last.record() != null || next.record() != null) {
      return last.record() != null
          && next.record() != null
          && last.offset() == next.offset()
          && bytes + next.length() <= LARGEST_RECORDS;
    }
    return next.offset() >= last.end()
        && next.offset() - last.end() <= LARGEST_GAP
        && next.end() - first.offset() <= LARGEST_RANGE;
  }

  /** Returns the number of bytes that will be read, as far as is known. */
  long bytes() {
    return images.get(0).record() == null
        ? images.get(images.size() - 1).end() - images.get(0).offset()
        : images.stream().mapToLong(ImageRef::length).sum();
  }

  /** Returns whether the file is on this machine's file system. */
  boolean isLocal() {
    return LocalPaths.isLocal(images.get(0).uri());
  }

  /**
   * Reads the images. Each is there, or is missing, damaged or another one.
   *
   * @throws UncheckedIOException if the file cannot be read, which says nothing of the images
   */
  List<Result> read(OpenFiles files) {
    if (images.size() > 1) {
      try {
        List<byte[]> bytes = files.read(images);
        List<Result> results = new ArrayList<>(images.size());
        for (int i = 0; i < images.size(); i++) {
          results.add(checked(images.get(i), bytes.get(i)));
        }
        return results;
      } catch (UncheckedIOException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        // Perhaps only some of them are unreadable. Reading each alone shows which.
      }
    }
    return images.stream().map(image -> readAlone(image, files)).toList();
  }

  private static Result readAlone(ImageRef image, OpenFiles files) {
    if (image.length() > LARGEST_IMAGE) {
      return Result.rejected(
          RejectReason.TOO_LARGE,
          "a file of %,d bytes; at most %,d are read".formatted(image.length(), LARGEST_IMAGE));
    }
    try {
      return checked(image, files.read(List.of(image)).get(0));
    } catch (UncheckedIOException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // A format of another module may throw anything of damage.
      return Result.rejected(
          RejectReason.UNREADABLE, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private static Result checked(ImageRef image, byte[] bytes) {
    return image.contentSha256() == null || image.contentSha256().equals(Sha256.of(bytes))
        ? Result.of(bytes)
        : Result.rejected(RejectReason.CHANGED, "these are not the bytes that were indexed");
  }

  /**
   * The result of reading an image.
   *
   * @param bytes of the image, or null
   * @param rejected why it cannot be used, or null
   */
  record Result(byte @Nullable [] bytes, @Nullable RejectedImageException rejected) {
    static Result of(byte[] bytes) {
      return new Result(bytes, null);
    }

    static Result rejected(RejectReason reason, String detail) {
      return new Result(null, new RejectedImageException(reason, detail));
    }

    /** Returns the bytes. */
    byte[] get() throws RejectedImageException {
      if (bytes == null) {
        throw Objects.requireNonNull(rejected);
      }
      return bytes;
    }
  }
}
