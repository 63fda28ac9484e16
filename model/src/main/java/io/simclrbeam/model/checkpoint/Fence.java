package io.simclrbeam.model.checkpoint;

import java.io.IOException;

/**
 * Keeps a trainer that another one has replaced from writing checkpoints. A check and the write
 * after it are two things, so the other may come in between. Then the checkpoint is still one of
 * this run, as any trainer of it computes the same steps.
 */
@FunctionalInterface
public interface Fence {
  /** Lets everybody through, where only one can be. */
  Fence NONE = () -> {};

  /**
   * Checks whether this trainer may still write.
   *
   * @throws IOException if not, or if that cannot be found out
   */
  void check() throws IOException;
}
