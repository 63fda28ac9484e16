/** Descriptions of jobs for others to start. */
@NullMarked
package io.simclrbeam.pipelines.template;

import org.jspecify.annotations.NullMarked;
