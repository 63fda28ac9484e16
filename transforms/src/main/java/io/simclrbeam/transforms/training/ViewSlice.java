package io.simclrbeam.transforms.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;

/**
 * A part of a batch.
 *
 * @param step from 0
 * @param slice number of the part, from 0
 * @param views uint8 {@code [n, 2, size, size, 3]}
 */
record ViewSlice(long step, int slice, byte[] views) {

  /** Writes the numbers and the bytes. */
  static final class ViewSliceCoder extends AtomicCoder<ViewSlice> {
    private static final long serialVersionUID = 1;
    static final ViewSliceCoder INSTANCE = new ViewSliceCoder();

    private ViewSliceCoder() {}

    @Override
    public void encode(ViewSlice slice, OutputStream out) throws IOException {
      VarLongCoder.of().encode(slice.step, out);
      VarIntCoder.of().encode(slice.slice, out);
      ByteArrayCoder.of().encode(slice.views, out);
    }

    @Override
    public ViewSlice decode(InputStream in) throws IOException {
      return new ViewSlice(
          VarLongCoder.of().decode(in),
          VarIntCoder.of().decode(in),
          ByteArrayCoder.of().decode(in));
    }
  }
}
