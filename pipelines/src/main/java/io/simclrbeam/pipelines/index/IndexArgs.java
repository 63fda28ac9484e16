package io.simclrbeam.pipelines.index;

import io.simclrbeam.transforms.images.ImageLimit;

/**
 * What {@code index} was asked for.
 *
 * @param source inputs
 * @param output folder for the manifest
 */
public record IndexArgs(Source source, String output, ImageLimit maxRejects) {}
