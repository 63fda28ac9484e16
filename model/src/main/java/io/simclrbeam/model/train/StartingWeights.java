package io.simclrbeam.model.train;

import java.io.Serializable;

/**
 * Where the encoder's weights came from, where a run did not begin with new ones.
 *
 * @param file the safetensors file, or the folder of the model
 * @param sha256 digest of the safetensors file
 */
public record StartingWeights(String file, String sha256) implements Serializable {}
