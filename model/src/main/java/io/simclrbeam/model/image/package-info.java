/** Where the bytes of an image are, and how they become pixels. */
@NullMarked
package io.simclrbeam.model.image;

import org.jspecify.annotations.NullMarked;
