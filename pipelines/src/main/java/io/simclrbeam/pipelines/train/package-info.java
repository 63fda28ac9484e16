/** The training job. */
@NullMarked
package io.simclrbeam.pipelines.train;

import org.jspecify.annotations.NullMarked;
