package io.simclrbeam.transforms.training;

import io.simclrbeam.transforms.storage.TemporaryFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.util.CoderUtils;
import org.jspecify.annotations.Nullable;

/**
 * Slices in a temporary file, to be had by their step. In memory is only where each of them lies.
 * They need no sort, as each has its place.
 */
final class SpilledSlices implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final TrainingSpec spec;
  private final TemporaryFile file;
  private final Map<Long, Long> positions = new HashMap<>();

  private SpilledSlices(TrainingSpec spec, TemporaryFile file) {
    this.spec = spec;
    this.file = file;
  }

  /** Opens an empty file in the folder for temporary files. */
  static SpilledSlices create(TrainingSpec spec) throws IOException {
    return new SpilledSlices(spec, TemporaryFile.create("slices"));
  }

  /** Writes a slice down. It replaces one of the same place. */
  void put(ViewSlice slice) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap(CoderUtils.encodeToByteArray(ViewSlice.ViewSliceCoder.INSTANCE, slice));
    long end = file.channel().size();
    positions.put(spec.place(slice.step(), slice.slice()), end);
    file.write(bytes, end);
  }

  /**
   * Returns the slices of a step in their order.
   *
   * @throws IOException if one of them is missing
   */
  List<ViewSlice> get(long step) throws IOException {
    List<ViewSlice> slices = new ArrayList<>();
    for (int slice = 0; slice < spec.slicesPerBatch(); slice++) {
      @Nullable Long position = positions.get(spec.place(step, slice));
      if (position == null) {
        throw new IOException(
            "the views of step %d are not in this job: the checkpoint that it was planned from is damaged by now. Start the command again."
                .formatted(step));
      }
      file.channel().position(position);
      slices.add(
          ViewSlice.ViewSliceCoder.INSTANCE.decode(
              new BufferedInputStream(Channels.newInputStream(file.channel()), BUFFER_BYTES)));
    }
    return slices;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
