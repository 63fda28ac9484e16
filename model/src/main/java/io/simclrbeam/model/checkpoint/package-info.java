/** Training states on durable storage, from which a run goes on after a crash. */
@NullMarked
package io.simclrbeam.model.checkpoint;

import org.jspecify.annotations.NullMarked;
