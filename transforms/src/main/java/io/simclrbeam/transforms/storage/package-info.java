/** Files through Beam's file systems: local, object stores, HDFS. */
@NullMarked
package io.simclrbeam.transforms.storage;

import org.jspecify.annotations.NullMarked;
