package io.simclrbeam.model.encode;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.network.Encoder;
import io.simclrbeam.model.network.FrozenProgram;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.train.ComputeDevice;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;

/** A trained encoder that maps images to embeddings. */
public final class FrozenEncoder implements AutoCloseable {
  /** Of the device's memory, so much may be taken by the batches of all threads together. */
  private static final int SHARE_OF_MEMORY = 4;

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
   * @throws IOException if a file is not the one that the card vouches for
   */
  public static FrozenEncoder load(FileStore store, Device device, Precision precision)
      throws IOException {
    ModelCard card = ModelCard.read(store);
    Map<String, Tensor> weights =
        Safetensors.read(
            new ByteArrayInputStream(read(store, ModelCard.ENCODER_SAFETENSORS, card)));
    FrozenProgram program =
        new FrozenProgram(
            card.settings().createEncoder(),
            card.normalisation(),
            precision,
            ComputeDevice.hasFusedConvolutions(device, precision));
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    program.write().write(program.fold(weights), archive);
    LoadedProgram loaded =
        LoadedProgram.load(new ByteArrayInputStream(archive.toByteArray()), device);
    if (program.fused()) {
      try (NDManager manager = loaded.newManager()) {
        loaded.call(FrozenProgram.PACK, manager);
      }
    }
    long batchBytes =
        ComputeDevice.memory(device) / SHARE_OF_MEMORY / Runtime.getRuntime().availableProcessors();
    return new FrozenEncoder(card, loaded, batchBytes);
  }

  private static byte[] read(FileStore store, String name, ModelCard card) throws IOException {
    byte[] bytes;
    try (InputStream in = store.open(name)) {
      bytes = in.readAllBytes();
    }
    String expected = String.valueOf(card.files().get(name));
    String actual = Sha256.of(bytes);
    if (!actual.equals(expected)) {
      throw new IOException(
          "%s in %s has SHA-256 %s, but model.json says %s; the model is damaged"
              .formatted(name, store.location(), actual, expected));
    }
    return bytes;
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
    return imagesIn(batchBytes, card.settings().createEncoder(), card.imageSize());
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
    int size = card.imageSize();
    long count = images.remaining() / (3L * size * size);
    try (NDManager manager = program.newManager()) {
      NDArray batch =
          manager
              .create(images, new Shape(count, size, size, 3), DataType.UINT8)
              .transpose(0, 3, 1, 2);
      return program.call("forward", manager, batch).get(0).toFloatArray();
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
