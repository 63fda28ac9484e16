package io.simclrbeam.model.image;

/** Thrown when an image cannot be used, with the reason that its reject record keeps. */
public final class RejectedImageException extends Exception {
  private static final long serialVersionUID = 1;

  private final RejectReason reason;

  /**
   * Creates one.
   *
   * @param reason the kind of failure
   * @param detail what exactly was seen, for a person
   */
  public RejectedImageException(RejectReason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  public RejectReason reason() {
    return reason;
  }
}
