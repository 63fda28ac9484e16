package io.simclrbeam.pipelines.dedup;

import io.simclrbeam.transforms.dataset.AsOf;
import io.simclrbeam.transforms.dedup.DedupSpec;
import org.jspecify.annotations.Nullable;

/**
 * What {@code dedup} was asked for. Values are in range.
 *
 * @param embeddings folder of an embedding data set
 * @param asOf when it is read as of; null for now
 * @param output folder for the results
 * @param manifest folder of a manifest to write without the duplicates, or null
 * @param sheet picture file to draw groups to, or null
 */
public record DedupArgs(
    String embeddings,
    @Nullable AsOf asOf,
    String output,
    DedupSpec spec,
    @Nullable String manifest,
    @Nullable String sheet) {}
