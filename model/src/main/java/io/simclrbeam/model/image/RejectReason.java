package io.simclrbeam.model.image;

import java.util.Locale;

/** Why an image cannot be used. The lower-case name is the code in reject records. */
public enum RejectReason {
  /** No bytes at all. */
  EMPTY,
  /** The bytes end, or turn to nonsense, before the picture does. */
  TRUNCATED,
  /** The bytes are not in any known image format. */
  NOT_AN_IMAGE,
  /** An image format, or a variant of one, that no decoder here reads. */
  UNSUPPORTED_FORMAT,
  /** More pixels than the decoder is allowed to allocate. */
  TOO_LARGE,
  /** The bytes are not there any more, or are in a damaged part of a file. */
  UNREADABLE,
  /** The bytes are no longer those that were indexed. */
  CHANGED,
  /** Another image has the same id. */
  DUPLICATE_ID;

  /** Returns the code written to reject records, such as {@code not_an_image}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
