/** Which images make up which batch: a pure function of the data set's size and the seed. */
@NullMarked
package io.simclrbeam.model.batch;

import org.jspecify.annotations.NullMarked;
