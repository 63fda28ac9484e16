package io.simclrbeam.transforms.images;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of images that will be read again, under their SHA-256: so a run never sees other bytes
 * than those that were indexed. Caffeine decides which ones stay. If more are read in turn than
 * fit, it keeps a share of them, where a least-recently-used cache would keep none.
 */
final class EncodedImages {
  /** Shared by all that train in this JVM: an eighth of the heap. */
  static final EncodedImages SHARED = new EncodedImages(Runtime.getRuntime().maxMemory() / 8);

  private final Cache<String, byte[]> bytes;

  /** Creates a cache of at most so many bytes. */
  EncodedImages(long maxBytes) {
    bytes =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((String sha256, byte[] image) -> image.length)
            .executor(Runnable::run) // the bound holds at once, not when another thread has time
            .build();
  }

  byte @Nullable [] get(ImageRef image) {
    return image.contentSha256() == null ? null : bytes.getIfPresent(image.contentSha256());
  }

  /** Keeps an image if it was indexed. Only then are its bytes known to be the right ones. */
  void put(ImageRef image, byte[] content) {
    if (image.contentSha256() != null) {
      bytes.put(image.contentSha256(), content);
    }
  }
}
