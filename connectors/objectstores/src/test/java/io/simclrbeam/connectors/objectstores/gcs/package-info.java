/** A server that speaks as much of Google Cloud Storage's JSON API as Beam asks for. */
@NullMarked
package io.simclrbeam.connectors.objectstores.gcs;

import org.jspecify.annotations.NullMarked;
