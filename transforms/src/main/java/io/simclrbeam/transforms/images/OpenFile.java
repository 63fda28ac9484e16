package io.simclrbeam.transforms.images;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** A file that is open for reading images. For one thread at a time. */
interface OpenFile extends Closeable {
  /** Opens the file that an image is in, in the way that its kind of address needs. */
  static OpenFile of(ImageRef image) throws IOException {
    ImageRef.BlockRecord record = image.record();
    return record == null
        ? new PlainFile(Shard.open(image.uri()))
        : AvroShard.open(image.uri(), record.field());
  }

  /** Reads images that are neighbors, as {@link ReadRequest} puts them together. */
  List<byte[]> read(List<ImageRef> images) throws IOException;
}
