/** Devices: CPUs and GPUs, and what each is good at. */
@NullMarked
package io.simclrbeam.model.device;

import org.jspecify.annotations.NullMarked;
