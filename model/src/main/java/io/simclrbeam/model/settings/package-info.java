/** What all settings have in common: they are checked where they are made, and have a version. */
@NullMarked
package io.simclrbeam.model.settings;

import org.jspecify.annotations.NullMarked;
