/** The frozen encoder and its model card, as users get them. */
@NullMarked
package io.simclrbeam.model.export;

import org.jspecify.annotations.NullMarked;
