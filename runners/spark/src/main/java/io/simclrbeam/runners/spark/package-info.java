/** Apache Spark. */
@NullMarked
package io.simclrbeam.runners.spark;

import org.jspecify.annotations.NullMarked;
