package io.simclrbeam.model.torchscript;

import java.util.List;

/**
 * A tensor that a program declares; its values come from elsewhere.
 *
 * @param name dotted path in the module tree, such as {@code layer1.0.conv1.weight}
 * @param shape sizes of the axes
 * @param role what it is to the program
 * @param initialization how a new one is filled
 */
public record TensorSpec(String name, List<Long> shape, Role role, Initialization initialization) {

  /** What a tensor is to a program. */
  public enum Role {
    /** A kernel or matrix: gets gradients, weight decay, and the trust ratio of LARS. */
    WEIGHT,
    /**
     * A parameter that regularization leaves alone: a bias, the scale or shift of a norm, a class
     * token, a position embedding. It gets gradients only.
     */
    UNREGULARIZED,
    /** Belongs to the network without getting gradients: running statistics. */
    BUFFER,
    /** Belongs to training alone: the optimizer's moments. */
    OPTIMIZER;

    /** Returns whether a tensor gets gradients. */
    public boolean isParameter() {
      return this == WEIGHT || this == UNREGULARIZED;
    }
  }
}
