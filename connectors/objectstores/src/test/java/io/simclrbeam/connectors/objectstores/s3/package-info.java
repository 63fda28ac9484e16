/** An S3 server for the tests. */
@NullMarked
package io.simclrbeam.connectors.objectstores.s3;

import org.jspecify.annotations.NullMarked;
