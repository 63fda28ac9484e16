/** Encoders, projection heads, the NT-Xent loss and optimizers, as writers of TorchScript. */
@NullMarked
package io.simclrbeam.model.network;

import org.jspecify.annotations.NullMarked;
