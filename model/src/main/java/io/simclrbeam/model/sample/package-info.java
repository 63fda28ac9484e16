/** A small generated image data set to try everything on. */
@NullMarked
package io.simclrbeam.model.sample;

import org.jspecify.annotations.NullMarked;
