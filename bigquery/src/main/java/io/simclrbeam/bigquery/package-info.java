/** Embedding data sets as tables of BigQuery. */
@NullMarked
package io.simclrbeam.bigquery;

import org.jspecify.annotations.NullMarked;
