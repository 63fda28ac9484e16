/** Applies a frozen encoder to images. */
@NullMarked
package io.simclrbeam.model.embed;

import org.jspecify.annotations.NullMarked;
