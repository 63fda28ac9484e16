/** Encodings of elements that no coder of Beam's fits. */
@NullMarked
package io.simclrbeam.transforms.coders;

import org.jspecify.annotations.NullMarked;
