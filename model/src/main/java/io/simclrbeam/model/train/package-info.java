/** The training loop: a fold of SimCLR steps over batches of views. */
@NullMarked
package io.simclrbeam.model.train;

import org.jspecify.annotations.NullMarked;
