/** How far a job is. */
@NullMarked
package io.simclrbeam.model.progress;

import org.jspecify.annotations.NullMarked;
