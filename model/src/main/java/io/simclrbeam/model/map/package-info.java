/** Maps of embeddings: points in the plane, near each other where embeddings are. */
@NullMarked
package io.simclrbeam.model.map;

import org.jspecify.annotations.NullMarked;
