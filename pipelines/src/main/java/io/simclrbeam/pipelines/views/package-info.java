/** The job that draws views. */
@NullMarked
package io.simclrbeam.pipelines.views;

import org.jspecify.annotations.NullMarked;
