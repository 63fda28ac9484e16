/** The page about a model and its embeddings. */
@NullMarked
package io.simclrbeam.pipelines.report;

import org.jspecify.annotations.NullMarked;
