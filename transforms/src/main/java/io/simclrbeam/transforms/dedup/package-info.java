/** Finds groups of near-duplicate images in an embedding data set, and what to keep of each. */
@NullMarked
package io.simclrbeam.transforms.dedup;

import org.jspecify.annotations.NullMarked;
