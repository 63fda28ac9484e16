/** The search for near duplicates. */
@NullMarked
package io.simclrbeam.pipelines.dedup;

import org.jspecify.annotations.NullMarked;
