/** Parquet files of Avro records, on all file systems that Beam reaches. */
@NullMarked
package io.simclrbeam.transforms.parquet;

import org.jspecify.annotations.NullMarked;
