/** Named tensors on the heap and their file format. */
@NullMarked
package io.simclrbeam.model.tensor;

import org.jspecify.annotations.NullMarked;
