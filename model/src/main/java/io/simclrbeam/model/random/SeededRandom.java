package io.simclrbeam.model.random;

/**
 * A random number generator whose whole sequence is a function of its key, the same on every
 * machine and JDK, so no generator is ever shared or stored. {@link RandomStreams} makes the keys.
 *
 * <p>SplitMix64 of Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014.
 */
public final class SeededRandom {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double TO_UNIT = 0x1.0p-53;

  private long state;

  private SeededRandom(long state) {
    this.state = state;
  }

  /**
   * Returns the generator of a key. Keys that differ in any part, or in length, give unrelated
   * sequences.
   */
  public static SeededRandom of(long... key) {
    long state = key.length;
    for (long part : key) {
      state = mix((state ^ part) + GOLDEN_GAMMA);
    }
    return new SeededRandom(state);
  }

  /**
   * Returns the generator that a key had in {@link
   * io.simclrbeam.model.settings.SettingsVersion#V1}. A key and the same after a 0 have the same.
   */
  static SeededRandom ofVersion1(long... key) {
    long state = 0;
    for (long part : key) {
      state = mix(state + GOLDEN_GAMMA) ^ mix(part + GOLDEN_GAMMA);
      state = mix(state);
    }
    return new SeededRandom(state);
  }

  /** Returns 64 uniform bits. */
  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Returns a uniform number in [0, 1). */
  public double nextDouble() {
    return (nextLong() >>> 11) * TO_UNIT;
  }

  /** Returns a uniform number in [low, high). */
  public double uniform(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /**
   * Returns a uniform integer in [0, bound), with a bias below bound / 2^64.
   *
   * @throws IllegalArgumentException if bound is not positive
   */
  public long nextLong(long bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive, but is " + bound);
    }
    return unsignedMultiplyHigh(nextLong(), bound);
  }

  /** Returns a uniform integer in [0, bound). */
  public int nextInt(int bound) {
    return (int) nextLong(bound);
  }

  /**
   * Returns a standard normal number (Box and Muller, "A note on the generation of random normal
   * deviates", 1958).
   */
  public double nextGaussian() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * nextDouble());
  }

  /** The finalizer of SplitMix64: a bijection of 64-bit values that mixes every bit into all. */
  public static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The high 64 bits of the product of an unsigned value and a positive one. */
  private static long unsignedMultiplyHigh(long value, long positive) {
    return Math.multiplyHigh(value, positive) + ((value >> 63) & positive);
  }
}
