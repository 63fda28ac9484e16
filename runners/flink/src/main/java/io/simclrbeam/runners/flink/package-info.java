/** Apache Flink. */
@NullMarked
package io.simclrbeam.runners.flink;

import org.jspecify.annotations.NullMarked;
