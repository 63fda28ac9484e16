package io.simclrbeam.model.network;

import ai.djl.Device;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import java.io.IOException;
import java.util.Map;

/** Takes programs from Java to libtorch's memory. */
public final class Programs {
  private Programs() {}

  public static LoadedProgram load(ScriptProgram program, Map<String, Tensor> values)
      throws IOException {
    return LoadedProgram.load(program, values, Device.cpu());
  }
}
