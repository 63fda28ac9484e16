/** Text for people. */
@NullMarked
package io.simclrbeam.model.text;

import org.jspecify.annotations.NullMarked;
