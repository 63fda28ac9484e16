package io.simclrbeam.model.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A SimCLR model in training on one device. The state after a step is a function of the state
 * before it and the batch; on a CPU to the last bit. One thread at a time may use it.
 */
public final class Trainer implements AutoCloseable {
  /** PyTorch's share of a batch in BatchNorm's running statistics after it. */
  private static final double MOMENTUM = 0.1;

  private final TrainingProgram training;
  private final ScriptProgram program;
  private final LoadedProgram loaded;

  /** Holds what {@link #state} returned last; null if that is out of date. */
  private @Nullable NDManager held;

  private Trainer(TrainingProgram training, ScriptProgram program, LoadedProgram loaded) {
    this.training = training;
    this.program = program;
    this.loaded = loaded;
  }

  /** Starts from new weights, a function of the streams. */
  public static Trainer create(TrainingProgram training, RandomStreams streams, Device device)
      throws IOException {
    ScriptProgram program = training.write();
    return load(training, program, program.initialize(streams), device);
  }

  /**
   * Goes on from a state.
   *
   * @throws IllegalArgumentException if the state is not one of this program
   */
  public static Trainer restore(TrainingProgram training, Map<String, Tensor> state, Device device)
      throws IOException {
    return load(training, training.write(), state, device);
  }

  private static Trainer load(
      TrainingProgram training, ScriptProgram program, Map<String, Tensor> state, Device device)
      throws IOException {
    return new Trainer(training, program, LoadedProgram.load(program, state, device));
  }

  /**
   * Does one step. With several parts it needs the memory of the largest: all are projected without
   * a record for gradients, the loss of all projections is made, and each part is projected again
   * with the gradients that the loss has there (Gao et al., arXiv 2101.06983). The gradient is that
   * of the whole batch, with BatchNorm over each part. Running statistics move once, to the mean of
   * the parts.
   *
   * @param views the batch in one or more parts, each uint8 {@code [n, K, size, size, 3]} in a
   *     direct buffer
   * @param classes a number for each image of the batch, which is that of all images of its class;
   *     looked at only by a loss that is supervised
   * @param update number of this update, 0 for the first
   * @throws IllegalArgumentException if the loss is supervised and there are not as many classes as
   *     images
   */
  public StepStatistics step(
      List<ByteBuffer> views, long[] classes, long update, double learningRate) {
    long images = views.stream().mapToLong(this::count).sum();
    if (training.loss().readsClasses() && classes.length != images) {
      throw new IllegalArgumentException(
          "a supervised loss needs the class of each of %d images, but there are %d"
              .formatted(images, classes.length));
    }
    release();
    try (NDManager manager = loaded.newManager()) {
      // On the CPU: to read it from a GPU, the update would wait for the whole backward pass.
      NDManager host = manager.newSubManager(Device.cpu());
      NDArray control = host.create(new double[] {learningRate, update + 1});
      return views.size() == 1
          ? whole(views.get(0), classes, control)
          : inParts(views, classes, control);
    }
  }

  /** Does one step with a loss that is not supervised. */
  public StepStatistics step(List<ByteBuffer> views, long update, double learningRate) {
    return step(views, new long[0], update, learningRate);
  }

  private StepStatistics whole(ByteBuffer views, long[] classes, NDArray control) {
    try (NDManager manager = loaded.newManager()) {
      NDArray batch = images(views, manager);
      float[] statistics =
          loaded
              .callWithAutograd(
                  TrainingProgram.STEP, manager, withClasses(classes, manager, batch, control))
              .get(0)
              .toFloatArray();
      return new StepStatistics(statistics[0], statistics[1], statistics[2], statistics[3]);
    }
  }

  private NDArray[] withClasses(long[] classes, NDManager manager, NDArray... inputs) {
    return training.loss().readsClasses()
        ? Stream.concat(Stream.of(inputs), Stream.of(manager.create(classes)))
            .toArray(NDArray[]::new)
        : inputs;
  }

  private StepStatistics inParts(List<ByteBuffer> views, long[] classes, NDArray control) {
    try (NDManager manager = loaded.newManager()) {
      NDList loss =
          loaded.callWithAutograd(
              TrainingProgram.LOSS_IN_TILES,
              manager,
              withClasses(classes, manager, project(views, manager)));
      NDList gradients = gradients(views, loss.get(0), manager);
      gradients.forEach(gradient -> gradient.setName("gradients[]"));
      gradients.add(control);
      NDArray norm =
          loaded.call(TrainingProgram.UPDATE, manager, gradients.toArray(new NDArray[0])).get(0);
      return new StepStatistics(
          loss.get(1).getFloat(), loss.get(2).getFloat(), norm.getFloat(), loss.get(3).getFloat());
    }
  }

  /** Returns the projections of all parts, float32 {@code [KN, D]}. */
  private NDArray project(List<ByteBuffer> views, NDManager manager) {
    NDList projections = new NDList();
    for (ByteBuffer part : views) {
      try (NDManager inner = manager.newSubManager()) {
        NDArray z = loaded.call(TrainingProgram.FORWARD, inner, images(part, inner)).get(0);
        NDArray byView = z.reshape(training.views(), -1, z.getShape().get(1));
        byView.attach(manager);
        projections.add(byView);
      }
    }
    NDArray all = NDArrays.concat(projections, 1);
    return all.reshape(-1, all.getShape().get(2));
  }

  /** Returns the sum over all parts of the gradients of each parameter. */
  private NDList gradients(List<ByteBuffer> views, NDArray dz, NDManager manager) {
    NDArray byView = dz.reshape(training.views(), -1, dz.getShape().get(1));
    NDManager host = manager.newSubManager(Device.cpu());
    NDList sums = new NDList();
    double images = byView.getShape().get(1);
    long from = 0;
    for (ByteBuffer part : views) {
      try (NDManager inner = manager.newSubManager()) {
        NDArray batch = images(part, inner);
        long to = from + batch.getShape().get(0);
        NDArray own = byView.get(":,%d:%d".formatted(from, to));
        // So that each part ends with a share of 0.1 n / N: later parts shrink that of earlier
        // ones.
        double share = MOMENTUM * (to - from) / (images - MOMENTUM * (images - to));
        NDList gradients =
            loaded.callWithAutograd(
                TrainingProgram.GRADIENTS,
                inner,
                batch,
                own.reshape(-1, dz.getShape().get(1)),
                host.create(share));
        if (sums.isEmpty()) {
          gradients.attach(manager);
          sums = gradients;
        } else {
          for (int i = 0; i < sums.size(); i++) {
            sums.get(i).addi(gradients.get(i));
          }
        }
        from = to;
      }
    }
    return sums;
  }

  private NDArray images(ByteBuffer views, NDManager manager) {
    int size = training.imageSize();
    return manager.create(
        views, new Shape(count(views), training.views(), size, size, 3), DataType.UINT8);
  }

  /** Returns of how many images views are. */
  private long count(ByteBuffer views) {
    int size = training.imageSize();
    return views.remaining() / (3L * training.views() * size * size);
  }

  /**
   * Embeds images with the encoder as it is now, as the finished model will. Changes nothing.
   *
   * @param images uint8 {@code [N, size, size, 3]}, a direct buffer
   * @return float32 {@code [N, D]}, row-major
   */
  public float[] embed(ByteBuffer images) {
    int size = training.imageSize();
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
