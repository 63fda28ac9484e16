/** Applies a frozen encoder to images. */
@NullMarked
package io.simclrbeam.model.encode;

import org.jspecify.annotations.NullMarked;
