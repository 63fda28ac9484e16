package io.simclrbeam.pipelines.neighbors;

import org.jspecify.annotations.Nullable;

/**
 * An image whose neighbors are wanted.
 *
 * @param given what the user called it
 * @param id in the data set; null for an image file
 * @param label its class, or null if none is known
 * @param vector float32 {@code [D]}
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Query(String given, @Nullable String id, @Nullable String label, float[] vector) {}
