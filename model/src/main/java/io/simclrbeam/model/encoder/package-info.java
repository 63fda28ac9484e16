/** Encoders and the projection head, written in the layers of {@code network}. */
@NullMarked
package io.simclrbeam.model.encoder;

import org.jspecify.annotations.NullMarked;
