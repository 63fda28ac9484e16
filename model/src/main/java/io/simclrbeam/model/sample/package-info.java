/** A small generated data set of images. */
@NullMarked
package io.simclrbeam.model.sample;

import org.jspecify.annotations.NullMarked;
