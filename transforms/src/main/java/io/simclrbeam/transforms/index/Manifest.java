package io.simclrbeam.transforms.index;

import com.google.auto.value.AutoValue;
import com.google.auto.value.extension.memoized.Memoized;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.images.ImageFilter;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** The usable images of a data set, numbered from 0 to N-1 in the order of their ids. */
@AutoValue
public abstract class Manifest {
  /** The name of the file in its folder. */
  public static final String FILE = "manifest.avro";

  private static final Map<String, WeakReference<Manifest>> SHARED = new HashMap<>();

  Manifest() {}

  /**
   * Returns the inputs that were searched, and the globs that chose of them; see {@link #asked}.
   */
  public abstract List<String> inputs();

  /** Returns the images by index. */
  public abstract List<ImageRef> images();

  /**
   * Returns the median of the images' shorter sides in pixels, the lower of the two in the middle;
   * 0 without images.
   */
  public abstract int medianSide();

  /** Returns the SHA-256 of the manifest's bytes. */
  public abstract String sha256();

  static Manifest of(List<String> inputs, List<ImageRef> images, int medianSide, String sha256) {
    return new AutoValue_Manifest(inputs, images, medianSide, sha256);
  }

  /**
   * Reads the manifest in a folder. Its images go to a temporary file of this machine, which takes
   * about 100 bytes for each; the heap holds none of them.
   *
   * @throws java.io.FileNotFoundException if there is none
   * @throws io.simclrbeam.model.storage.NewerFormatException if a newer program wrote it
   */
  public static Manifest read(FileStore store) throws IOException {
    SortedMap<Integer, Integer> sides = new TreeMap<>();
    try (Sha256.Input in = new Sha256.Input(new BufferedInputStream(store.open(FILE)));
        DataFileStream<GenericRecord> records = open(in, store);
        MappedImages.Writer images = new MappedImages.Writer()) {
      for (GenericRecord record : records) {
        images.add(record);
        sides.merge(ManifestRecord.shorterSide(record), 1, Integer::sum);
      }
      return of(inputs(records), images.finish(), median(sides), in.digest());
    }
  }

  /**
   * Returns the manifest that a job reads. All threads of a process get the same one, as long as
   * one of them has it.
   *
   * @param job that reads it, and with which it does not change
   */
  public static Manifest shared(FileStore store, String job) throws IOException {
    String key = store.location() + " " + job;
    synchronized (SHARED) {
      SHARED.values().removeIf(held -> held.get() == null);
      @Nullable WeakReference<Manifest> held = SHARED.get(key);
      @Nullable Manifest manifest = held == null ? null : held.get();
      if (manifest == null) {
        manifest = read(store);
        SHARED.put(key, new WeakReference<>(manifest));
      }
      return manifest;
    }
  }

  /**
   * Returns the lower median.
   *
   * @param counts of each number
   */
  private static int median(SortedMap<Integer, Integer> counts) {
    long left = (counts.values().stream().mapToLong(count -> count).sum() + 1) / 2;
    for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
      left -= entry.getValue();
      if (left <= 0) {
        return entry.getKey();
      }
    }
    return 0;
  }

  /**
   * Returns the class of each image: the index of the first image that has its label. An image
   * without a label is a class of its own. It is always the same array, which is not to be changed.
   */
  @Memoized
  @SuppressWarnings("mutable")
  public int[] classes() {
    Map<String, Integer> first = new HashMap<>();
    int[] classes = new int[images().size()];
    for (int i = 0; i < classes.length; i++) {
      @Nullable String label = images().get(i).label();
      @Nullable Integer known = label == null ? null : first.putIfAbsent(label, i);
      classes[i] = known == null ? i : known;
    }
    return classes;
  }

  /** Opens the records of a manifest. Every reader does so, as this checks the version. */
  static DataFileStream<GenericRecord> open(FileStore store) throws IOException {
    return open(new BufferedInputStream(store.open(FILE)), store);
  }

  private static DataFileStream<GenericRecord> open(InputStream in, FileStore store)
      throws IOException {
    DataFileStream<GenericRecord> records = new DataFileStream<>(in, new GenericDatumReader<>());
    @Nullable String version = records.getMetaString(FileKind.METADATA);
    try {
      FileKind.IMAGE_MANIFEST.check(
          version == null ? 0 : Integer.parseInt(version), store.location() + FILE);
    } catch (RuntimeException e) {
      records.close();
      throw e;
    }
    return records;
  }

  /**
   * Returns what was asked for, as a manifest has it: inputs, and the globs that choose of them.
   */
  public static List<String> asked(List<String> inputs, ImageFilter filter) {
    return Stream.concat(inputs.stream().map(LocalPaths::absolute), filter.describe().stream())
        .toList();
  }

  /** Returns the inputs that were searched. */
  static List<String> inputs(DataFileStream<GenericRecord> records) {
    return ManifestRecord.inputs(records.getMetaString(ManifestRecord.INPUTS));
  }

  /** Returns the number of images in a manifest without keeping them in memory. */
  public static long count(FileStore store) throws IOException {
    long count = 0;
    try (DataFileStream<GenericRecord> records = open(store)) {
      while (records.hasNext()) {
        count += records.getBlockCount();
        records.nextBlock();
      }
    }
    return count;
  }

  /**
   * Returns some images of a manifest without keeping the others in memory.
   *
   * @param indices ascending
   */
  public static List<ImageRef> choose(FileStore store, long[] indices) throws IOException {
    Map<String, String> strings = new HashMap<>();
    List<ImageRef> chosen = new ArrayList<>(indices.length);
    try (DataFileStream<GenericRecord> records = open(store)) {
      for (long index = 0; chosen.size() < indices.length; index++) {
        GenericRecord record = records.next();
        if (index == indices[chosen.size()]) {
          chosen.add(ManifestRecord.image(record, strings));
        }
      }
    }
    return List.copyOf(chosen);
  }

  /** Returns the SHA-256 of a manifest's bytes. */
  public static String sha256(FileStore store) throws IOException {
    return Sha256.of(new BufferedInputStream(store.open(FILE)));
  }
}
