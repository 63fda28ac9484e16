/** Speed of the work on images, alone and beside Python's. */
@NullMarked
package io.simclrbeam.benchmarks;

import org.jspecify.annotations.NullMarked;
