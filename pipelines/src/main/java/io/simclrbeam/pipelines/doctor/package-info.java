/** Finds problems before a job does. */
@NullMarked
package io.simclrbeam.pipelines.doctor;

import org.jspecify.annotations.NullMarked;
