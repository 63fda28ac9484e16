package io.simclrbeam.transforms.training;

import io.simclrbeam.transforms.coders.SerialCoder;
import java.io.Serializable;
import org.apache.beam.sdk.coders.DefaultCoder;

/**
 * A part of a batch whose views are to be made.
 *
 * @param firstStep from which on the plan that it belongs to is
 * @param step from 0
 * @param slice number of the part, from 0
 */
@DefaultCoder(SerialCoder.class)
record SliceRequest(long firstStep, long step, int slice) implements Serializable {}
