/** Files by name in one folder, wherever that is. */
@NullMarked
package io.simclrbeam.model.storage;

import org.jspecify.annotations.NullMarked;
