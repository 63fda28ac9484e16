/** The manifest: every usable image of a data set under a dense index. */
@NullMarked
package io.simclrbeam.transforms.index;

import org.jspecify.annotations.NullMarked;
