/** Google Cloud Dataflow. */
@NullMarked
package io.simclrbeam.runners.dataflow;

import org.jspecify.annotations.NullMarked;
