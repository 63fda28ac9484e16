package io.simclrbeam.model.checkpoint;

import io.simclrbeam.model.tensor.Tensor;
import java.util.Map;

/**
 * Everything a run needs to go on.
 *
 * @param step number of steps done
 * @param state all tensors of the training program
 * @param collapsedSteps for how many steps in a row, up to this one, all projections were nearly
 *     the same
 */
public record Checkpoint(long step, Map<String, Tensor> state, int collapsedSteps) {}
