/** Which vectors are close to which: near duplicates, cells of similar vectors. */
@NullMarked
package io.simclrbeam.model.neighbors;

import org.jspecify.annotations.NullMarked;
