/**
 * Random numbers that are a pure function of a key, the only source of randomness in the project.
 */
@NullMarked
package io.simclrbeam.model.random;

import org.jspecify.annotations.NullMarked;
