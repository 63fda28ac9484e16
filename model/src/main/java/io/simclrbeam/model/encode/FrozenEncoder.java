package io.simclrbeam.model.encode;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.torchscript.LoadedProgram;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A trained encoder that maps images to embeddings. Threads take turns. */
public final class FrozenEncoder implements AutoCloseable {
  private final ModelCard card;
  private final LoadedProgram program;

  private FrozenEncoder(ModelCard card, LoadedProgram program) {
    this.card = card;
    this.program = program;
  }

  /**
   * Loads the encoder of a finished model folder.
   *
   * @throws java.io.FileNotFoundException if the folder holds no finished model
   * @throws IOException if {@code encoder.pt} is not the file that the card vouches for
   */
  public static FrozenEncoder load(FileStore store, Device device) throws IOException {
    ModelCard card = ModelCard.read(store);
    byte[] archive;
    try (InputStream in = store.open(ModelCard.ENCODER_PT)) {
      archive = in.readAllBytes();
    }
    String expected = String.valueOf(card.files().get(ModelCard.ENCODER_PT));
    String actual = Sha256.of(archive);
    if (!actual.equals(expected)) {
      throw new IOException(
          "%s in %s has SHA-256 %s, but model.json says %s; the model is damaged"
              .formatted(ModelCard.ENCODER_PT, store.location(), actual, expected));
    }
    return new FrozenEncoder(card, LoadedProgram.load(new ByteArrayInputStream(archive), device));
  }

  /** Returns what the model is. */
  public ModelCard card() {
    return card;
  }

  /**
   * Encodes a batch.
   *
   * @param images uint8 {@code [N, size, size, 3]}, a direct buffer
   * @return float32 {@code [N, D]}, row-major
   */
  public synchronized float[] encode(ByteBuffer images) {
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
