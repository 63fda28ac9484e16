package io.simclrbeam.model.embed;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.inference.FrozenProgram;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.LocalCopy;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.torchscript.LoadedProgram;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A trained encoder that maps images to embeddings. */
public final class FrozenEncoder implements AutoCloseable {
  /** Of the device's memory, so much may be taken by the batches of all threads together. */
  private static final int SHARE_OF_MEMORY = 4;

  /** Weights are laid out for batches of so many images, and then suit other sizes as well. */
  private static final int PACKED_FOR = 8;

  private final ModelCard card;
  private final LoadedProgram program;
  private final long batchBytes;

  private FrozenEncoder(ModelCard card, LoadedProgram program, long batchBytes) {
    this.card = card;
    this.program = program;
    this.batchBytes = batchBytes;
  }

  /**
   * Loads the encoder of a finished model folder.
   *
   * @param precision its arithmetic; float32 gives what {@code encoder.pt} gives, but for rounding
   * @throws java.io.FileNotFoundException if the folder holds no finished model
   * @throws IllegalArgumentException if the encoder cannot be computed like that, see {@link
   *     #check}
   * @throws IOException if a file is not the one that the card vouches for
   */
  public static FrozenEncoder load(FileStore store, Device device, Precision precision)
      throws IOException {
    ModelCard card = ModelCard.read(store);
    Encoder encoder = card.settings().encoder();
    check(encoder, card.imageSize(), device, precision);
    FrozenProgram program =
        new FrozenProgram(
            encoder,
            card.imageSize(),
            card.normalization(),
            precision,
            FrozenProgram.isFusedOn(device, precision));
    LoadedProgram loaded;
    try (LocalCopy weights = card.copy(store, ModelCard.ENCODER_SAFETENSORS)) {
      loaded =
          LoadedProgram.load(
              program.write(), program.fold(Safetensors.map(weights.path())), device);
    }
    long batchBytes =
        ComputeDevice.memory(device) / SHARE_OF_MEMORY / Runtime.getRuntime().availableProcessors();
    FrozenEncoder frozen = new FrozenEncoder(card, loaded, batchBytes);
    if (program.fused()) {
      int images = Math.min(PACKED_FOR, frozen.mostImages());
      frozen.call(
          FrozenProgram.PACK,
          ByteBuffer.allocateDirect(AugmentSettings.viewBytes(card.imageSize()) * images));
    }
    return frozen;
  }

  /**
   * Checks that a device can compute an encoder in a precision. Floating point is right everywhere.
   *
   * @throws IllegalArgumentException if it is int8 and the device is no CPU that is made for that,
   *     or the encoder has no convolutions
   */
  public static void check(Encoder encoder, int imageSize, Device device, Precision precision) {
    if (precision != Precision.INT8) {
      return;
    }
    if (!FrozenProgram.isQuantizable(encoder, imageSize)) {
      throw new IllegalArgumentException(
          "the encoder %s does not consist of convolutions, which int8 is for; choose fp32"
              .formatted(encoder.name()));
    }
    if (device.isGpu()) {
      throw new IllegalArgumentException("int8 is for CPUs; choose bf16 on a GPU, or device cpu");
    }
    if (!FrozenProgram.isFusedOn(device, precision)) {
      throw new IllegalArgumentException(
          "int8 needs an x86 processor with AVX-512 VNNI or AMX, but this is %s; choose fp32 or bf16"
              .formatted(ComputeDevice.describe(device)));
    }
  }

  /** Returns what the model is. */
  public ModelCard card() {
    return card;
  }

  /**
   * Returns how many images a thread can encode at a time, if as many threads as there are cores do
   * so and all have a quarter of the device's memory for it; 1 if not even that many.
   */
  public int mostImages() {
    return imagesIn(batchBytes, card.settings().encoder(), card.imageSize());
  }

  static int imagesIn(long bytes, Encoder encoder, int imageSize) {
    long images = bytes / (Float.BYTES * encoder.activations(imageSize));
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, images));
  }

  /**
   * Encodes a batch. Several threads may do so at the same time.
   *
   * @param images uint8 {@code [N, size, size, 3]}, a direct buffer
   * @param threads that a CPU computes with
   * @return float32 {@code [N, D]}, row-major
   */
  public float[] encode(ByteBuffer images, int threads) {
    JniUtils.setNumThreads(threads); // of this thread
    return call("forward", images);
  }

  private float[] call(String method, ByteBuffer images) {
    int size = card.imageSize();
    long count = images.remaining() / (3L * size * size);
    try (NDManager manager = program.newManager()) {
      NDArray batch =
          manager
              .create(images, new Shape(count, size, size, 3), DataType.UINT8)
              .transpose(0, 3, 1, 2);
      return program.call(method, manager, batch).get(0).toFloatArray();
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
