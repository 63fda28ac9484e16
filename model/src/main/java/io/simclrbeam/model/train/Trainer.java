package io.simclrbeam.model.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.tensor.TensorType;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A SimCLR model in training on one device. The state after a step is a function of the state
 * before it and the batch; on a CPU to the last bit. One thread at a time may use it.
 */
public final class Trainer implements AutoCloseable {
  private final ScriptProgram program;
  private final LoadedProgram loaded;

  private Trainer(ScriptProgram program, LoadedProgram loaded) {
    this.program = program;
    this.loaded = loaded;
  }

  /** Starts from new weights, a function of the seed. */
  public static Trainer create(TrainingProgram training, long seed, Device device) {
    ScriptProgram program = training.write();
    return load(program, program.initialize(seed), device);
  }

  /**
   * Goes on from a state.
   *
   * @throws IllegalArgumentException if the state is not one of this program
   */
  public static Trainer restore(
      TrainingProgram training, Map<String, Tensor> state, Device device) {
    return load(training.write(), state, device);
  }

  private static Trainer load(ScriptProgram program, Map<String, Tensor> state, Device device) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try {
      program.write(state, archive);
      return new Trainer(
          program, LoadedProgram.load(new ByteArrayInputStream(archive.toByteArray()), device));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never: all in memory
    }
  }

  /**
   * Does one step.
   *
   * @param views uint8 {@code [N, 2, size, size, 3]}, a direct buffer
   * @param update number of this update, 0 for the first
   */
  public StepStatistics step(ByteBuffer views, int size, long update, double learningRate) {
    long images = views.remaining() / (2L * size * size * 3);
    try (NDManager manager = loaded.newManager()) {
      NDArray batch = manager.create(views, new Shape(images, 2, size, size, 3), DataType.UINT8);
      NDArray control = manager.create(new double[] {learningRate, update + 1});
      float[] statistics =
          loaded
              .callWithAutograd(TrainingProgram.STEP, manager, batch, control)
              .get(0)
              .toFloatArray();
      return new StepStatistics(statistics[0], statistics[1], statistics[2], statistics[3]);
    }
  }

  /** Returns a copy of all tensors: weights, running statistics and the optimizer's moments. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    try (NDManager manager = loaded.newManager()) {
      NDList tensors = loaded.call(TrainingProgram.STATE, manager);
      for (int i = 0; i < tensors.size(); i++) {
        NDArray array = tensors.get(i).toDevice(Device.cpu(), false);
        ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(array.size() * Float.BYTES));
        copy.put(array.toByteBuffer()).flip();
        List<Long> shape = program.tensors().get(i).shape();
        state.put(program.tensors().get(i).name(), Tensor.wrap(TensorType.FLOAT32, shape, copy));
      }
    }
    return state;
  }

  @Override
  public void close() {
    loaded.close();
  }
}
