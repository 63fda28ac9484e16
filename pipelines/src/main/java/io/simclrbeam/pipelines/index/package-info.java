/** Where images come from, and the job that lists and checks them. */
@NullMarked
package io.simclrbeam.pipelines.index;

import org.jspecify.annotations.NullMarked;
