package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.Closeable;
import java.io.IOException;

/** Encodes single images as an embedding run does, in this process. */
public final class ImageFiles implements Closeable {
  private final FrozenEncoder encoder;
  private final BatchEncoder batch;

  private ImageFiles(FrozenEncoder encoder) {
    this.encoder = encoder;
    batch = new BatchEncoder(encoder, 1);
  }

  /**
   * Loads the encoder of a finished model.
   *
   * @param device name of the device to encode on
   * @throws java.io.FileNotFoundException if the folder holds no finished model
   */
  public static ImageFiles load(String modelFolder, String device, Precision precision)
      throws IOException {
    return new ImageFiles(
        FrozenEncoder.load(new BeamFileStore(modelFolder), ComputeDevice.use(device), precision));
  }

  /**
   * Encodes an image.
   *
   * @param file its bytes
   * @return float32 {@code [D]}
   * @throws RejectedImageException if it cannot be decoded
   */
  public float[] encode(byte[] file) throws RejectedImageException {
    batch.add(file);
    return batch.encode()[0];
  }

  @Override
  public void close() {
    encoder.close();
  }
}
