/** From a manifest to a trained encoder: plan, views, and the stateful DoFn that trains. */
@NullMarked
package io.simclrbeam.transforms.training;

import org.jspecify.annotations.NullMarked;
