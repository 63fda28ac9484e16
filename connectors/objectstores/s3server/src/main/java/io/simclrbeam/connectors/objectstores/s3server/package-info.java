/** A server that speaks S3 on this machine, for tests. */
@NullMarked
package io.simclrbeam.connectors.objectstores.s3server;

import org.jspecify.annotations.NullMarked;
