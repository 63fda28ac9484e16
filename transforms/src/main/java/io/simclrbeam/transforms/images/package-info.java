/** Where images are, and how their bytes are read. */
@NullMarked
package io.simclrbeam.transforms.images;

import org.jspecify.annotations.NullMarked;
