/** What a worker says of long work. */
@NullMarked
package io.simclrbeam.transforms.progress;

import org.jspecify.annotations.NullMarked;
