package io.simclrbeam.model.train;

/** Thrown when going on with training is useless: numbers are not finite, or z has collapsed. */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates one with a message that says what was seen and what to change. */
  public TrainingDivergedException(String message) {
    super(message);
  }
}
