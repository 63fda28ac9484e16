/** Pictures of what a network sees in training. */
@NullMarked
package io.simclrbeam.transforms.views;

import org.jspecify.annotations.NullMarked;
