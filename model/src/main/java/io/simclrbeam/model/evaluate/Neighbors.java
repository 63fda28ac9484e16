package io.simclrbeam.model.evaluate;

/**
 * The rows nearest to a query, most similar first.
 *
 * @param rows int {@code [k]} row numbers; not copied, so not to be changed by the receiver
 * @param similarities double {@code [k]}, cosine similarities in [-1, 1] up to rounding, descending
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box every number
public record Neighbors(int[] rows, double[] similarities) {}
