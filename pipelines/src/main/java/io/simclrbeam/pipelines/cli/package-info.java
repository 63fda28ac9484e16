/** The command line: options in, exit code out. */
@NullMarked
package io.simclrbeam.pipelines.cli;

import org.jspecify.annotations.NullMarked;
