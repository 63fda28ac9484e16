package io.simclrbeam.model.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.tensor.TensorType;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A SimCLR model in training on one device. The state after a step is a function of the state
 * before it and the batch; on a CPU to the last bit. One thread at a time may use it.
 */
public final class Trainer implements AutoCloseable {
  private final ScriptProgram program;
  private final LoadedProgram loaded;

  /** Holds what {@link #state} returned last; null if that is out of date. */
  private @Nullable NDManager held;

  private Trainer(ScriptProgram program, LoadedProgram loaded) {
    this.program = program;
    this.loaded = loaded;
  }

  /** Starts from new weights, a function of the streams. */
  public static Trainer create(TrainingProgram training, RandomStreams streams, Device device)
      throws IOException {
    ScriptProgram program = training.write();
    return load(program, program.initialize(streams), device);
  }

  /**
   * Goes on from a state.
   *
   * @throws IllegalArgumentException if the state is not one of this program
   */
  public static Trainer restore(TrainingProgram training, Map<String, Tensor> state, Device device)
      throws IOException {
    return load(training.write(), state, device);
  }

  private static Trainer load(ScriptProgram program, Map<String, Tensor> state, Device device)
      throws IOException {
    return new Trainer(program, LoadedProgram.load(program, state, device));
  }

  /**
   * Does one step.
   *
   * @param views uint8 {@code [N, 2, size, size, 3]}, a direct buffer
   * @param update number of this update, 0 for the first
   */
  public StepStatistics step(ByteBuffer views, int size, long update, double learningRate) {
    release();
    long images = views.remaining() / (2L * size * size * 3);
    try (NDManager manager = loaded.newManager()) {
      NDArray batch = manager.create(views, new Shape(images, 2, size, size, 3), DataType.UINT8);
      // On the CPU: to read it from a GPU, the update would wait for the whole backward pass.
      NDManager host = manager.newSubManager(Device.cpu());
      NDArray control = host.create(new double[] {learningRate, update + 1});
      float[] statistics =
          loaded
              .callWithAutograd(TrainingProgram.STEP, manager, batch, control)
              .get(0)
              .toFloatArray();
      return new StepStatistics(statistics[0], statistics[1], statistics[2], statistics[3]);
    }
  }

  /**
   * Embeds images with the encoder as it is now, as the finished model will. Changes nothing.
   *
   * @param images uint8 {@code [N, size, size, 3]}, a direct buffer
   * @return float32 {@code [N, D]}, row-major
   */
  public float[] embed(ByteBuffer images, int size) {
    long count = images.remaining() / (3L * size * size);
    try (NDManager manager = loaded.newManager()) {
      NDArray batch = manager.create(images, new Shape(count, size, size, 3), DataType.UINT8);
      return loaded.call(TrainingProgram.EMBED, manager, batch).get(0).toFloatArray();
    }
  }

  /**
   * Returns all tensors: weights, running statistics and the optimizer's moments. Their elements
   * may be asked for until the next step. They are copied then, one tensor at a time.
   */
  public Map<String, Tensor> state() {
    release();
    NDManager manager = loaded.newManager();
    held = manager;
    NDList arrays = loaded.call(TrainingProgram.STATE, manager);
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < arrays.size(); i++) {
      NDArray array = arrays.get(i);
      TensorSpec spec = program.tensors().get(i);
      state.put(
          spec.name(),
          Tensor.computed(
              TensorType.FLOAT32,
              spec.shape(),
              () -> {
                try (NDArray copy = array.toDevice(Device.cpu(), true)) {
                  return copy.toByteBuffer();
                }
              }));
    }
    return state;
  }

  private void release() {
    if (held != null) {
      held.close();
      held = null;
    }
  }

  @Override
  public void close() {
    release();
    loaded.close();
  }
}
