package io.simclrbeam.pipelines.index;

import io.simclrbeam.transforms.images.ImageLimit;
import org.jspecify.annotations.Nullable;

/**
 * What {@code index} was asked for.
 *
 * @param source inputs
 * @param output folder for the manifest
 * @param pack folder for tar files with the usable images, or null for none
 */
public record IndexArgs(
    Source source, String output, @Nullable String pack, ImageLimit maxRejects) {}
