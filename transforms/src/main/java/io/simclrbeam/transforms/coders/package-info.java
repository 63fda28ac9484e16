/** Coders for elements that none of Beam's coders fits. */
@NullMarked
package io.simclrbeam.transforms.coders;

import org.jspecify.annotations.NullMarked;
