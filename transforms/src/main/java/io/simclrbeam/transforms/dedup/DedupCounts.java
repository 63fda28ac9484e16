package io.simclrbeam.transforms.dedup;

import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;

/** The names of numbers that are added up on the way. */
final class DedupCounts {
  static final KvCoder<String, Long> CODER = KvCoder.of(StringUtf8Coder.of(), VarLongCoder.of());

  /** All images of the data set. */
  static final String IMAGES = "images";

  /** Images whose embedding is all zeros, and is therefore similar to none. */
  static final String WITHOUT_DIRECTION = "without_direction";

  static final String CELLS = "cells";

  /** Images of the manifest that is filtered. */
  static final String MANIFEST = "manifest";

  /** Images of the manifest that the data set has an embedding of. */
  static final String MANIFEST_MATCHED = "manifest_matched";

  /** Copies sent to further cells. */
  static final String COPIES = "copies";

  /** Copies that would have been needed to find all pairs. */
  static final String COPIES_LEFT_OUT = "copies_left_out";

  /** Images some of whose copies were left out. */
  static final String IMAGES_LEFT_OUT = "images_left_out";

  private DedupCounts() {}
}
