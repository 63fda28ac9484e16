/** Jobs: what a command does, told as a story of pipelines. */
@NullMarked
package io.simclrbeam.pipelines;

import org.jspecify.annotations.NullMarked;
