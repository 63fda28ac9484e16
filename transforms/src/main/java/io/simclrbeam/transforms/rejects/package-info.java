/** Records of the images that could not be used, and why. */
@NullMarked
package io.simclrbeam.transforms.rejects;

import org.jspecify.annotations.NullMarked;
