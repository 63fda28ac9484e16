package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.encode.FrozenEncoder;
import io.simclrbeam.model.train.ComputeDevice;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** One encoder for each model and device in this JVM, whatever the number of threads. */
final class Encoders {
  private static final Map<String, FrozenEncoder> ENCODERS = new HashMap<>();

  private Encoders() {}

  static synchronized FrozenEncoder get(EmbeddingSpec spec) throws IOException {
    String key = spec.run().modelId() + "@" + spec.device();
    FrozenEncoder encoder = ENCODERS.get(key);
    if (encoder == null) {
      encoder =
          FrozenEncoder.load(
              new BeamFileStore(spec.modelFolder()), ComputeDevice.resolve(spec.device()));
      ENCODERS.put(key, encoder);
    }
    return encoder;
  }
}
