/** What is in an embedding data set, and what becomes of its runs. */
@NullMarked
package io.simclrbeam.pipelines.dataset;

import org.jspecify.annotations.NullMarked;
