/** Pictures of what a network sees in training, and of images of a data set. */
@NullMarked
package io.simclrbeam.transforms.views;

import org.jspecify.annotations.NullMarked;
