package io.simclrbeam.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.ViewAugmenter;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.RandomStreams;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Images per second of processor time, two views of each image of a tar on one thread: the
 * counterpart of {@code benchmarks/augmentation.py}, with the same arguments and output. The time
 * is that of the whole process, so the collector's and the compiler's is in it.
 */
public final class AugmentationSpeed {
  private static final RandomStreams STREAMS = RandomStreams.of(0);

  private static final long SECOND = 1_000_000_000;
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private interface Work {
    void on(int index, int pass) throws RejectedImageException;
  }

  private AugmentationSpeed() {}

  /** Takes the tar, the side of a view in pixels, and seconds for each of two measurements. */
  public static void main(String[] args) throws IOException, RejectedImageException {
    MeasuredImages images = MeasuredImages.ofTar(Path.of(args[0]));
    List<RgbImage> pictures = images.decodeAll();
    int size = Integer.parseInt(args[1]);
    long duration = Long.parseLong(args[2]) * SECOND;
    ViewAugmenter augmenter = new ViewAugmenter(AugmentSettings.simclr(size));
    byte[] views = new byte[2 * 3 * size * size];
    report(
        "decode + 2 views",
        images.count(),
        duration,
        (index, pass) -> twoViews(augmenter, images.decode(index), index, pass, views));
    report(
        "2 views",
        images.count(),
        duration,
        (index, pass) -> twoViews(augmenter, pictures.get(index), index, pass, views));
  }

  private static void twoViews(
      ViewAugmenter augmenter, RgbImage picture, int index, int pass, byte[] out) {
    augmenter.augment(picture, STREAMS, index, pass, 0, out, 0);
    augmenter.augment(picture, STREAMS, index, pass, 1, out, out.length / 2);
  }

  /** Works on all images in turn, first until it is warm. */
  private static void report(String name, int count, long duration, Work work)
      throws RejectedImageException {
    passes(count, duration, work);
    System.out.printf(Locale.ROOT, "%s: %.1f images/s%n", name, passes(count, duration, work));
  }

  private static double passes(int count, long duration, Work work) throws RejectedImageException {
    long start = PROCESS.getProcessCpuTime();
    long elapsed;
    int pass = 0;
    do {
      for (int i = 0; i < count; i++) {
        work.on(i, pass);
      }
      pass++;
      elapsed = PROCESS.getProcessCpuTime() - start;
    } while (elapsed < duration);
    return (double) pass * count * SECOND / elapsed;
  }
}
