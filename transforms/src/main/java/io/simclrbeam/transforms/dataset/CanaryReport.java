package io.simclrbeam.transforms.dataset;

import java.io.Serializable;

/**
 * What became of the canaries, a few images that every run embeds anew from bytes that were kept.
 *
 * @param compared how many were embedded by the last run as well
 * @param identical how many of these have the same bits
 * @param changedNeighbors how many of these have another nearest neighbour among them
 * @param hardware processor, device and libtorch of this run; empty if no canary was embedded
 * @param sameHardware whether they were the last run's
 */
public record CanaryReport(
    int compared, int identical, int changedNeighbors, String hardware, boolean sameHardware)
    implements Serializable {}
