/** What Beam's file system for Google Cloud Storage lacks. */
@NullMarked
package io.simclrbeam.connectors.gcs;

import org.jspecify.annotations.NullMarked;
