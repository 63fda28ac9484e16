package io.simclrbeam.model.network;

/** The arithmetic of convolutions and matrix products in training; weights are always float32. */
public enum Precision {
  /** float32 throughout. */
  FP32(6),
  /** bfloat16 activations and operands; statistics, loss and optimiser in float32. */
  BF16(15);

  private final int scalarType;

  Precision(int scalarType) {
    this.scalarType = scalarType;
  }

  /** The number by which TorchScript knows the type (c10::ScalarType). */
  int scalarType() {
    return scalarType;
  }
}
