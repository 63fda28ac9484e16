/** What all lines of progress have in common. */
@NullMarked
package io.simclrbeam.model.progress;

import org.jspecify.annotations.NullMarked;
