/**
 * TorchScript programs written from Java: source, tensors, and the archive that libtorch loads. No
 * Python takes part.
 */
@NullMarked
package io.simclrbeam.model.torchscript;

import org.jspecify.annotations.NullMarked;
