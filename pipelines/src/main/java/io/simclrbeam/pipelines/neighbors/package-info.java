/** The search for the images nearest to given ones. */
@NullMarked
package io.simclrbeam.pipelines.neighbors;

import org.jspecify.annotations.NullMarked;
