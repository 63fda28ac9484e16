package io.simclrbeam.transforms.images;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of an image are: a file, or a part of one.
 *
 * @param id path below the input's root, or {@code shard.tar/entry}
 * @param uri of the file
 * @param offset of the first byte in the file
 * @param length in bytes
 * @param label the name of the folder the image is in; null at the root
 */
public record ImageRef(String id, String uri, long offset, long length, @Nullable String label)
    implements Serializable {}
