/** The command line, with images, models and data sets in stores of each kind. */
@NullMarked
package io.simclrbeam.connectors.objectstores;

import org.jspecify.annotations.NullMarked;
