/** From images to an embedding data set. */
@NullMarked
package io.simclrbeam.transforms.embedding;

import org.jspecify.annotations.NullMarked;
