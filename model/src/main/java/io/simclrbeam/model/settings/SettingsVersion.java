package io.simclrbeam.model.settings;

/**
 * What the settings of a training run mean where they do not say it. A run keeps the version that
 * it began with. A new one has the newest.
 */
public enum SettingsVersion {
  /**
   * AdamW and SGD decay all parameters. The last BatchNorm of the projection head has a beta.
   * Streams of random numbers are told apart by the seed and a key alone.
   */
  V1,
  /**
   * No optimizer decays BatchNorm's gamma and beta, and the last BatchNorm of the projection head
   * has no beta, as in google-research/simclr. Each purpose has its own streams of random numbers.
   */
  V2;

  /** The version of new runs. */
  public static final SettingsVersion NEWEST = V2;
}
