package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * One encoder for each model, device and precision in this JVM, for all threads that encode. The
 * threads share the cores. A JVM that runs a job every night keeps the encoder of the last job. It
 * frees those of earlier models once no thread encodes.
 */
final class Encoders {
  private static final Map<String, FrozenEncoder> ENCODERS = new HashMap<>();
  private static String newest = "";
  private static int users;
  private static int threads;

  private Encoders() {}

  static FrozenEncoder get(EmbeddingSpec spec) throws IOException {
    return get(spec.modelFolder(), spec.run().modelId(), spec.device(), spec.precision());
  }

  /** Returns an encoder, for use between {@link #enter} and {@link #leave}. */
  static synchronized FrozenEncoder get(
      String modelFolder, String modelId, String device, Precision precision) throws IOException {
    // The folder too: equal weights may come with other settings, such as those of the decoder.
    String key = "%s %s %s %s".formatted(modelFolder, modelId, device, precision);
    FrozenEncoder encoder = ENCODERS.get(key);
    if (encoder == null) {
      encoder =
          FrozenEncoder.load(new BeamFileStore(modelFolder), ComputeDevice.use(device), precision);
      ENCODERS.put(key, encoder);
    }
    newest = key;
    return encoder;
  }

  /**
   * Counts one more user.
   *
   * @param shareOfCores whether it encodes all the time and needs its share of the cores
   */
  static synchronized void enter(boolean shareOfCores) {
    users++;
    threads += shareOfCores ? 1 : 0;
  }

  /** Counts one user less, who entered in the same way. */
  static synchronized void leave(boolean shareOfCores) {
    users--;
    threads -= shareOfCores ? 1 : 0;
    if (users == 0) {
      ENCODERS.entrySet().removeIf(Encoders::isFreed);
    }
  }

  private static boolean isFreed(Map.Entry<String, FrozenEncoder> entry) {
    if (entry.getKey().equals(newest)) {
      return false;
    }
    entry.getValue().close();
    return true;
  }

  /** Returns the number of cores for each thread that encodes. */
  static synchronized int coresForEach() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, threads));
  }
}
