/** Embedding data sets: their records, their runs, and how both are written and read. */
@NullMarked
package io.simclrbeam.transforms.dataset;

import org.jspecify.annotations.NullMarked;
