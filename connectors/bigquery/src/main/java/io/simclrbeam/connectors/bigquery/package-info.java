/** Embedding data sets as tables of BigQuery. */
@NullMarked
package io.simclrbeam.connectors.bigquery;

import org.jspecify.annotations.NullMarked;
