package io.simclrbeam.model.train;

import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.optimizer.WarmupCosine;

/** Settings of runs that take a second. */
public final class TestSettings {
  private TestSettings() {}

  /** A ResNet-18 of 4 channels on views of 16 pixels, for 7 steps of 6 images. */
  public static TrainingSettings.Builder small() {
    return TrainingSettings.simclr(16)
        .encoder(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 0.0625, true))
        .head(ProjectionHead.of(8, 2))
        .optimizer(AdamW.of(1e-4))
        .schedule(new WarmupCosine(1e-3, 1))
        .batchSize(6)
        .steps(7)
        .seed(3);
  }
}
