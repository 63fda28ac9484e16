package io.simclrbeam.transforms.index;

import io.simclrbeam.transforms.images.ImageRef;
import java.io.Serializable;

/**
 * A usable image.
 *
 * @param ref where its bytes are
 * @param width in pixels
 * @param height in pixels
 * @param format such as {@code jpeg}
 * @param contentSha256 of its bytes
 */
record ManifestEntry(ImageRef ref, int width, int height, String format, String contentSha256)
    implements Serializable {}
