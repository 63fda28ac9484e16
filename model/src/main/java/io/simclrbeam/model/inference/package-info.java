/** Compiles a frozen encoder: BatchNorm folded, oneDNN fused, 8-bit integers. */
@NullMarked
package io.simclrbeam.model.inference;

import org.jspecify.annotations.NullMarked;
