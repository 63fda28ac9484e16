/** The generated data set to try everything on. */
@NullMarked
package io.simclrbeam.pipelines.sample;

import org.jspecify.annotations.NullMarked;
