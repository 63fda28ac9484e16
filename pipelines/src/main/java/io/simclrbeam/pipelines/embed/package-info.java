/** The embedding job. */
@NullMarked
package io.simclrbeam.pipelines.embed;

import org.jspecify.annotations.NullMarked;
