/** Rules by which gradients change weights, and the learning rate of each step. */
@NullMarked
package io.simclrbeam.model.optimizer;

import org.jspecify.annotations.NullMarked;
