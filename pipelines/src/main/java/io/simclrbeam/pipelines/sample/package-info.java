/** The job that writes the generated data set. */
@NullMarked
package io.simclrbeam.pipelines.sample;

import org.jspecify.annotations.NullMarked;
