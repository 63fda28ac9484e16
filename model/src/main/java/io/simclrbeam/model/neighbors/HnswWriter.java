package io.simclrbeam.model.neighbors;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.Lock;
import org.apache.lucene.store.LockObtainFailedException;
import org.jspecify.annotations.Nullable;

/** Writes an {@link HnswIndex}; it is complete once this is closed. */
public final class HnswWriter implements Closeable {
  /** Of vectors and graph before they go to the disk: fewer, larger parts are searched faster. */
  private static final double BUFFER_MEGABYTES = 512;

  private final Directory directory;
  private final IndexWriter writer;

  /**
   * Starts an index.
   *
   * @param folder without an index
   */
  public HnswWriter(Path folder) throws IOException {
    directory = FSDirectory.open(folder);
    writer =
        new IndexWriter(
            directory,
            new IndexWriterConfig()
                .setCodec(HnswFormat.codec())
                .setUseCompoundFile(false)
                .setRAMBufferSizeMB(BUFFER_MEGABYTES)
                .setOpenMode(IndexWriterConfig.OpenMode.CREATE));
  }

  /** Returns whether some process, this one included, is writing an index to a folder. */
  public static boolean isWriting(Path folder) throws IOException {
    try (Directory directory = FSDirectory.open(folder);
        Lock lock = directory.obtainLock(IndexWriter.WRITE_LOCK_NAME)) {
      lock.ensureValid();
      return false;
    } catch (LockObtainFailedException e) {
      return true;
    }
  }

  /**
   * Adds an image. One whose vector has no direction can never be found, and is left out. Threads
   * may add images at the same time.
   *
   * @param vector finite float32 {@code [d]}
   */
  public void add(String id, @Nullable String label, String uri, float[] vector)
      throws IOException {
    if (!Cosine.hasDirection(vector)) {
      return;
    }
    float[] unit = new float[vector.length];
    Cosine.scale(vector, unit);
    Document image = new Document();
    image.add(new StringField(HnswIndex.ID, id, Field.Store.YES));
    image.add(new StoredField(HnswIndex.URI, uri));
    if (label != null) {
      image.add(new StoredField(HnswIndex.LABEL, label));
    }
    image.add(
        new KnnFloatVectorField(HnswIndex.VECTOR, unit, VectorSimilarityFunction.DOT_PRODUCT));
    writer.addDocument(image);
  }

  @Override
  public void close() throws IOException {
    writer.close();
    directory.close();
  }
}
