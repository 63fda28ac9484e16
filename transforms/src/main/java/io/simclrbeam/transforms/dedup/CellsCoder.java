package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Cells;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.AtomicCoder;

/** Writes the centroids of cells as big-endian float32. */
final class CellsCoder extends AtomicCoder<Cells> {
  private static final long serialVersionUID = 1;
  static final CellsCoder INSTANCE = new CellsCoder();

  private CellsCoder() {}

  @Override
  public void encode(Cells cells, OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(cells.size());
    data.writeInt(cells.dimension());
    for (float[] centroid : cells.centroids()) {
      for (float number : centroid) {
        data.writeFloat(number);
      }
    }
    data.flush();
  }

  @Override
  public Cells decode(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int size = data.readInt();
    int dimension = data.readInt();
    List<float[]> centroids = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      float[] centroid = new float[dimension];
      for (int k = 0; k < dimension; k++) {
        centroid[k] = data.readFloat();
      }
      centroids.add(centroid);
    }
    return Cells.of(centroids);
  }
}
