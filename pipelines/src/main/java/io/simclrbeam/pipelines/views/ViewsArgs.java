package io.simclrbeam.pipelines.views;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.pipelines.index.Source;

/**
 * What {@code views} was asked for.
 *
 * @param source where images are
 * @param output PNG or JPEG file
 * @param exifOrientation whether images are turned upright
 * @param settings of the views
 * @param images rows of the sheet
 * @param pairs of views of each image
 * @param seed of the choice of images, and of the views
 */
public record ViewsArgs(
    Source source,
    String output,
    ExifOrientation exifOrientation,
    AugmentSettings settings,
    int images,
    int pairs,
    long seed) {}
