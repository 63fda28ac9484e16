/** Progress that a worker logs. */
@NullMarked
package io.simclrbeam.transforms.progress;

import org.jspecify.annotations.NullMarked;
