/** What Beam's file system for S3 lacks. */
@NullMarked
package io.simclrbeam.connectors.s3;

import org.jspecify.annotations.NullMarked;
