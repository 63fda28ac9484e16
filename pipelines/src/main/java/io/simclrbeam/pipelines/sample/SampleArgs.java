package io.simclrbeam.pipelines.sample;

/**
 * What {@code sample} was asked for. Values are in range.
 *
 * @param output folder of the images
 * @param images how many in all, spread evenly over the classes
 * @param size width and height in pixels
 * @param seed other seeds give other images of the same classes
 */
public record SampleArgs(String output, int images, int size, long seed) {}
