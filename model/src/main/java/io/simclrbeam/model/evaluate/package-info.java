/** How good embeddings are, measured without training anything but a linear classifier. */
@NullMarked
package io.simclrbeam.model.evaluate;

import org.jspecify.annotations.NullMarked;
