package io.simclrbeam.model.neighbors;

import org.jspecify.annotations.Nullable;

/**
 * An image that is similar to another.
 *
 * @param label its class, or null if it has none
 * @param uri of the file that it is in
 * @param similarity cosine, in [-1, 1] up to rounding
 */
public record Neighbor(String id, @Nullable String label, String uri, double similarity) {}
