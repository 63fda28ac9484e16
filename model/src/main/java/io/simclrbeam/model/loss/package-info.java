/** Losses over the projections of all views. */
@NullMarked
package io.simclrbeam.model.loss;

import org.jspecify.annotations.NullMarked;
