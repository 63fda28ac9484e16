/** Beam's direct runner. */
@NullMarked
package io.simclrbeam.runners.direct;

import org.jspecify.annotations.NullMarked;
