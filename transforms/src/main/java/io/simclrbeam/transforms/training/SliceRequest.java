package io.simclrbeam.transforms.training;

import java.io.Serializable;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.apache.beam.sdk.coders.SerializableCoder;

/** A part of a batch whose views are to be made. */
@DefaultCoder(SerializableCoder.class)
record SliceRequest(long step, int slice) implements Serializable {}
