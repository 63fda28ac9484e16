/**
 * SimCLR's random views of a picture, and the fixed view used for embedding, as 8-bit pixels.
 *
 * <p>Every operation means what it means in torchvision on PIL images. The loops are small, read
 * and write all their arrays at the same index, and use shifts as masks where others would branch:
 * this is the form that the HotSpot compiler turns into vector instructions.
 */
@NullMarked
package io.simclrbeam.model.augment;

import org.jspecify.annotations.NullMarked;
