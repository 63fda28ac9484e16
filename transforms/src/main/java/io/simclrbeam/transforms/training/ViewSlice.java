package io.simclrbeam.transforms.training;

import io.simclrbeam.transforms.rejects.Reject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.ListCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;

/**
 * A part of a batch.
 *
 * @param firstStep from which on the plan that it belongs to is
 * @param step from 0
 * @param slice number of the part, from 0
 * @param views uint8 {@code [n, K, size, size, 3]}
 * @param classes of the images, as {@link io.simclrbeam.transforms.index.Manifest#classes} numbers
 *     them, {@code [n]}; none where the loss is not supervised
 * @param rejects images that could not be used any more, {@link Reject} records
 */
record ViewSlice(
    long firstStep,
    long step,
    int slice,
    byte[] views,
    List<Integer> classes,
    List<GenericRecord> rejects) {

  /** Writes the numbers and the bytes. */
  static final class ViewSliceCoder extends AtomicCoder<ViewSlice> {
    private static final long serialVersionUID = 1;
    static final ViewSliceCoder INSTANCE = new ViewSliceCoder();

    private static final Coder<List<Integer>> CLASSES = ListCoder.of(VarIntCoder.of());
    private static final Coder<List<GenericRecord>> REJECTS =
        ListCoder.of(AvroCoder.of(Reject.SCHEMA));

    private ViewSliceCoder() {}

    @Override
    public void encode(ViewSlice slice, OutputStream out) throws IOException {
      VarLongCoder.of().encode(slice.firstStep, out);
      VarLongCoder.of().encode(slice.step, out);
      VarIntCoder.of().encode(slice.slice, out);
      ByteArrayCoder.of().encode(slice.views, out);
      CLASSES.encode(slice.classes, out);
      REJECTS.encode(slice.rejects, out);
    }

    @Override
    public ViewSlice decode(InputStream in) throws IOException {
      return new ViewSlice(
          VarLongCoder.of().decode(in),
          VarLongCoder.of().decode(in),
          VarIntCoder.of().decode(in),
          ByteArrayCoder.of().decode(in),
          CLASSES.decode(in),
          REJECTS.decode(in));
    }
  }
}
