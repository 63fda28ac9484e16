package io.simclrbeam.model.neighbors;

import java.io.IOException;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;

/**
 * Lucene's own format of HNSW graphs (Malkov and Yashunin, arXiv 1603.09320), but for vectors of
 * any size: Lucene's limit of 1024 is a precaution, and ResNet-50 has 2048 numbers. It is read
 * under Lucene's name, so that reading needs nothing of this class.
 */
final class HnswFormat extends KnnVectorsFormat {
  /** Neighbors of a node. */
  static final int NEIGHBORS = 16;

  /** Nodes that are looked at to find the neighbors of a new one. */
  static final int BEAM_WIDTH = 100;

  private static final int MAX_DIMENSIONS = 65_536;

  private final KnnVectorsFormat lucene = new Lucene99HnswVectorsFormat(NEIGHBORS, BEAM_WIDTH);

  private HnswFormat(String name) {
    super(name);
  }

  /** Returns Lucene's codec with this format for all vectors. */
  static Codec codec() {
    KnnVectorsFormat format = new HnswFormat(new Lucene99HnswVectorsFormat().getName());
    return new Lucene912Codec() {
      @Override
      public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
        return format;
      }
    };
  }

  @Override
  public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
    return lucene.fieldsWriter(state);
  }

  @Override
  public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
    return lucene.fieldsReader(state);
  }

  @Override
  public int getMaxDimensions(String field) {
    return MAX_DIMENSIONS;
  }
}
