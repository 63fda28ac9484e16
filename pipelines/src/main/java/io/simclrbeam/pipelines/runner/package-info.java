/** What a runner must provide so that jobs can be started on it. */
@NullMarked
package io.simclrbeam.pipelines.runner;

import org.jspecify.annotations.NullMarked;
