package io.simclrbeam.transforms.index;

import java.io.Serializable;
import java.util.ArrayList;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.apache.beam.sdk.coders.SerializableCoder;

/** Entries that travel together. */
@DefaultCoder(SerializableCoder.class)
record ManifestChunk(ArrayList<ManifestEntry> entries) implements Serializable {}
