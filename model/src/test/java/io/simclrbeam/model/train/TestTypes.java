package io.simclrbeam.model.train;

import io.simclrbeam.model.encoder.TinyTransformer;
import io.simclrbeam.model.loss.MeanDistance;
import io.simclrbeam.model.optimizer.SignDescent;
import io.simclrbeam.model.storage.Json;
import java.util.List;

/** What only tests have, as another module would announce it. */
public final class TestTypes implements Json.Types {
  @Override
  public List<Class<?>> types() {
    return List.of(TinyTransformer.class, MeanDistance.class, SignDescent.class);
  }
}
