/** The evaluation of embedding data sets. */
@NullMarked
package io.simclrbeam.pipelines.evaluate;

import org.jspecify.annotations.NullMarked;
