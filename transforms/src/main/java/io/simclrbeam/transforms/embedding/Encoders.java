package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.encode.FrozenEncoder;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.train.ComputeDevice;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One encoder for each model, device and precision in this JVM, whatever the number of threads that
 * encode. These share the cores.
 */
final class Encoders {
  private static final Map<String, FrozenEncoder> ENCODERS = new HashMap<>();
  private static final AtomicInteger USERS = new AtomicInteger();

  private Encoders() {}

  static FrozenEncoder get(EmbeddingSpec spec) throws IOException {
    return get(spec.modelFolder(), spec.run().modelId(), spec.device(), spec.precision());
  }

  static synchronized FrozenEncoder get(
      String modelFolder, String modelId, String device, Precision precision) throws IOException {
    // The folder too: equal weights may come with other settings, such as those of the decoder.
    String key = "%s %s %s %s".formatted(modelFolder, modelId, device, precision);
    FrozenEncoder encoder = ENCODERS.get(key);
    if (encoder == null) {
      encoder =
          FrozenEncoder.load(
              new BeamFileStore(modelFolder), ComputeDevice.resolve(device), precision);
      ENCODERS.put(key, encoder);
    }
    return encoder;
  }

  /** Takes note of one more thread that encodes. */
  static void enter() {
    USERS.incrementAndGet();
  }

  /** Takes note of one thread less that encodes. */
  static void leave() {
    USERS.decrementAndGet();
  }

  /** Returns the number of cores for each thread that encodes. */
  static int coresForEach() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, USERS.get()));
  }
}
