package io.simclrbeam.model.neighbors;

import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;

/**
 * Images on disk that are searched through a graph of near ones (HNSW, in Lucene). This finds most
 * of the nearest in a small part of the time that a comparison with all takes. Threads may search
 * at the same time.
 */
public final class HnswIndex implements Closeable {
  // The fields of an image.
  static final String ID = "id";
  static final String LABEL = "label";
  static final String URI = "uri";
  static final String VECTOR = "vector";

  /** Nodes of the graph that a search keeps on its way, for each image wanted. */
  private static final int CANDIDATES_PER_NEIGHBOR = 4;

  private static final int MIN_CANDIDATES = 200;

  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  private final int candidatesPerNeighbor;
  private final int minCandidates;

  private HnswIndex(
      Directory directory, DirectoryReader reader, int candidatesPerNeighbor, int minCandidates) {
    this.directory = directory;
    this.reader = reader;
    this.candidatesPerNeighbor = candidatesPerNeighbor;
    this.minCandidates = minCandidates;
    searcher = new IndexSearcher(reader);
  }

  /** Opens the index that an {@link HnswWriter} left in a folder. */
  public static HnswIndex open(Path folder) throws IOException {
    return open(folder, CANDIDATES_PER_NEIGHBOR, MIN_CANDIDATES);
  }

  static HnswIndex open(Path folder, int candidatesPerNeighbor, int minCandidates)
      throws IOException {
    Directory directory = FSDirectory.open(folder);
    return new HnswIndex(
        directory, DirectoryReader.open(directory), candidatesPerNeighbor, minCandidates);
  }

  /** Returns the number of images. */
  public int size() {
    return reader.numDocs();
  }

  /**
   * An image of the index.
   *
   * @param uri of the file that it is in
   * @param vector float32 {@code [d]} of norm 1
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Image(@Nullable String label, String uri, float[] vector) {}

  /** Returns an image; null if it is not there. */
  public @Nullable Image image(String id) throws IOException {
    TopDocs found = searcher.search(new TermQuery(new Term(ID, id)), 1);
    if (found.scoreDocs.length == 0) {
      return null;
    }
    int document = found.scoreDocs[0].doc;
    Neighbor stored = neighbor(document, 1);
    return new Image(stored.label(), stored.uri(), vector(document));
  }

  /**
   * Returns about the k images most similar to a query, the most similar first; of equally similar
   * ones the least id. Their similarities are exact, up to the rounding of vectors to norm 1.
   *
   * @param query float32 {@code [d]} with a direction
   */
  public List<Neighbor> search(float[] query, int k) throws IOException {
    List<Scored> candidates = candidates(query, k);
    List<Neighbor> nearest = new ArrayList<>();
    for (Scored image : candidates) {
      boolean wanted = nearest.size() < k;
      if (!wanted && image.similarity < nearest.get(nearest.size() - 1).similarity()) {
        break;
      }
      nearest.add(neighbor(image.document, image.similarity));
    }
    nearest.sort(
        Comparator.comparingDouble(Neighbor::similarity).reversed().thenComparing(Neighbor::id));
    return List.copyOf(nearest.subList(0, Math.min(k, nearest.size())));
  }

  /**
   * Measures how many of the k images nearest to a query a search finds, by comparing some queries
   * with all images. The queries lie halfway between an image and its k-th neighbor. An image of
   * the index itself would be an easy query: its nearest are its neighbors in the graph.
   *
   * @param sample queries
   * @param seed draws the images
   * @return recall@k, in [0, 1]
   */
  public double recall(int k, int sample, long seed) throws IOException {
    if (size() == 0) {
      return 1;
    }
    SeededRandom random = RandomStreams.of(seed).stream(Purpose.RECALL, size());
    List<float[]> queries = new ArrayList<>();
    for (int i = 0; i < sample; i++) {
      float[] query = vector(random.nextInt(reader.maxDoc()));
      List<Scored> nearest = candidates(query, k);
      float[] neighbor = vector(nearest.get(Math.min(k, nearest.size() - 1)).document);
      for (int d = 0; d < query.length; d++) {
        query[d] += neighbor[d];
      }
      if (Cosine.hasDirection(query)) { // opposites have no middle
        queries.add(query);
      }
    }
    if (queries.isEmpty()) {
      return 1;
    }
    List<List<ExactSearch.Hit<Integer>>> exact = compareWithAll(queries, k);
    long found = 0;
    long wanted = 0;
    for (int i = 0; i < queries.size(); i++) {
      Set<Integer> approximate = new HashSet<>();
      candidates(queries.get(i), k).stream()
          .limit(k)
          .forEach(image -> approximate.add(image.document));
      for (ExactSearch.Hit<Integer> hit : exact.get(i)) {
        wanted++;
        found += approximate.contains(hit.thing()) ? 1 : 0;
      }
    }
    return (double) found / wanted;
  }

  private List<List<ExactSearch.Hit<Integer>>> compareWithAll(List<float[]> queries, int k)
      throws IOException {
    ExactSearch<Integer> search = new ExactSearch<>(queries, k, Comparator.naturalOrder());
    for (LeafReaderContext leaf : reader.leaves()) {
      FloatVectorValues values = leaf.reader().getFloatVectorValues(VECTOR);
      while (values.nextDoc() != FloatVectorValues.NO_MORE_DOCS) {
        search.offer(leaf.docBase + values.docID(), values.vectorValue());
      }
    }
    return search.nearest();
  }

  private record Scored(int document, double similarity) {}

  /** Returns what a search comes across, at least k if there are as many, most similar first. */
  private List<Scored> candidates(float[] query, int k) throws IOException {
    float[] unit = new float[query.length];
    Cosine.scale(query, unit);
    int wanted = Math.max(minCandidates, candidatesPerNeighbor * k);
    TopDocs found = searcher.search(new KnnFloatVectorQuery(VECTOR, unit, wanted), wanted);
    List<Scored> candidates = new ArrayList<>();
    for (ScoreDoc image : found.scoreDocs) {
      candidates.add(new Scored(image.doc, Cosine.similarity(query, vector(image.doc))));
    }
    candidates.sort(
        Comparator.comparingDouble(Scored::similarity).reversed().thenComparing(Scored::document));
    return candidates;
  }

  private float[] vector(int document) throws IOException {
    LeafReaderContext leaf = reader.leaves().get(ReaderUtil.subIndex(document, reader.leaves()));
    FloatVectorValues values = leaf.reader().getFloatVectorValues(VECTOR);
    values.advance(document - leaf.docBase);
    return values.vectorValue().clone();
  }

  private Neighbor neighbor(int document, double similarity) throws IOException {
    Document stored = searcher.storedFields().document(document);
    return new Neighbor(stored.get(ID), stored.get(LABEL), stored.get(URI), similarity);
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
  }
}
