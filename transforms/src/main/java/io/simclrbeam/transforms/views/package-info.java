/** Pictures of what training sees. */
@NullMarked
package io.simclrbeam.transforms.views;

import org.jspecify.annotations.NullMarked;
