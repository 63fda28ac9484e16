package io.simclrbeam.transforms.images;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tf.train.Example} ({@code tensorflow/core/example/example.proto}). It is read by its
 * wire format. That finds where in the record the bytes of an image are, and needs no generated
 * classes, of which newer versions of protobuf warn.
 */
record TfExample(byte[] record, Map<String, Feature> features) {
  /** The field 1 of bytes or of a message, as its tag: the number times eight, plus two. */
  private static final int FIRST = 1 << 3 | 2;

  private static final int SECOND = 2 << 3 | 2;
  private static final int THIRD = 3 << 3 | 2;

  /** The field 1 of a whole number that is not packed with others. */
  private static final int FIRST_NUMBER = 1 << 3;

  /**
   * A feature: a list of strings of bytes, or of whole numbers. One of floats has no values here.
   *
   * @param values how many it has
   * @param offset of its last string in the record; -1 if it has none
   * @param length of that string in bytes
   * @param number its last whole number; 0 if it has none
   */
  record Feature(int values, int offset, int length, long number) {
    private static final Feature EMPTY = new Feature(0, -1, 0, 0);

    /** Returns whether it is one string of bytes. */
    boolean isBytes() {
      return values == 1 && offset >= 0;
    }
  }

  /**
   * Reads a record.
   *
   * @throws IOException if it is no {@code tf.train.Example}
   */
  static TfExample parse(byte[] record) throws IOException {
    Map<String, Feature> features = new HashMap<>();
    CodedInputStream in = CodedInputStream.newInstance(record);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == FIRST) {
        readFeatures(in, features);
      } else {
        in.skipField(tag);
      }
    }
    return new TfExample(record, features);
  }

  /** Returns the only value of a feature as text; null if it has another number of values. */
  @Nullable String text(String name) {
    @Nullable Feature feature = features.get(name);
    if (feature == null || feature.values != 1) {
      return null;
    }
    return feature.isBytes()
        ? new String(record, feature.offset, feature.length, StandardCharsets.UTF_8)
        : String.format(Locale.ROOT, "%d", feature.number);
  }

  private static void readFeatures(CodedInputStream in, Map<String, Feature> features)
      throws IOException {
    int outer = enter(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == FIRST) {
        readFeature(in, features);
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
  }

  /** Reads an entry of the map: a name and a feature. */
  private static void readFeature(CodedInputStream in, Map<String, Feature> features)
      throws IOException {
    String name = "";
    Feature feature = Feature.EMPTY;
    int outer = enter(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == FIRST) {
        name = in.readStringRequireUtf8();
      } else if (tag == SECOND) {
        feature = readLists(in);
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    features.put(name, feature);
  }

  /** Reads the list that a feature has. */
  private static Feature readLists(CodedInputStream in) throws IOException {
    Feature feature = Feature.EMPTY;
    int outer = enter(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == FIRST) {
        feature = readStrings(in);
      } else if (tag == THIRD) {
        feature = readNumbers(in);
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return feature;
  }

  private static Feature readStrings(CodedInputStream in) throws IOException {
    Feature feature = Feature.EMPTY;
    int outer = enter(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == FIRST) {
        int length = in.readRawVarint32();
        feature = new Feature(feature.values + 1, in.getTotalBytesRead(), length, 0);
        in.skipRawBytes(length);
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return feature;
  }

  private static Feature readNumbers(CodedInputStream in) throws IOException {
    Feature feature = Feature.EMPTY;
    int outer = enter(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == FIRST_NUMBER) {
        feature = new Feature(feature.values + 1, -1, 0, in.readInt64());
      } else if (tag == FIRST) {
        int list = enter(in);
        while (in.getBytesUntilLimit() > 0) {
          feature = new Feature(feature.values + 1, -1, 0, in.readInt64());
        }
        in.popLimit(list);
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return feature;
  }

  /** Enters a message, to whose end the stream then reads. Returns where to go on after it. */
  private static int enter(CodedInputStream in) throws IOException {
    return in.pushLimit(in.readRawVarint32());
  }
}
