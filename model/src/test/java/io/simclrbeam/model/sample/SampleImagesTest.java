package io.simclrbeam.model.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.evaluate.KnnClassifier;
import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SampleImagesTest {
  private static final int SIZE = 32;
  private static final int CLASSES = 10;

  /** Images 0 to 2499 of a data set, image i of class i % 10. */
  private static final List<RgbImage> IMAGES =
      IntStream.range(0, 2500).mapToObj(i -> SampleImages.draw(i % CLASSES, i, SIZE, 0)).toList();

  @Test
  void isTheSameEverywhere() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < 50; i++) {
      digest.update(IMAGES.get(i).pixels());
    }
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("8072538eedd47b3e1275fd0cb4598fb1f688b7eaa93c22a1a56ee826e2defaa6");
  }

  @Test
  void dependsOnEveryArgument() {
    byte[] pixels = SampleImages.draw(3, 5, 16, 7).pixels();
    assertThat(SampleImages.draw(3, 5, 16, 7).pixels()).isEqualTo(pixels);
    assertThat(SampleImages.draw(4, 5, 16, 7).pixels()).isNotEqualTo(pixels);
    assertThat(SampleImages.draw(3, 6, 16, 7).pixels()).isNotEqualTo(pixels);
    assertThat(SampleImages.draw(3, 5, 16, 8).pixels()).isNotEqualTo(pixels);
    assertThat(SampleImages.draw(3, 5, 17, 7).pixels()).hasSize(17 * 17 * 3);
  }

  @Test
  void drawsTheSamePictureAtAnySize() {
    for (int c = 0; c < CLASSES; c++) {
      double[] small = halved(SampleImages.draw(c, c, 64, 1));
      double[] smaller = halved(SampleImages.draw(c, c, 128, 1), 2);
      double difference = 0;
      for (int i = 0; i < small.length; i++) {
        difference += Math.abs(small[i] - smaller[i]) / small.length;
      }
      assertThat(difference).as(SampleImages.classNames().get(c)).isLessThan(8);
    }
  }

  private static double[] halved(RgbImage image) {
    return halved(image, 1);
  }

  /** Returns the green channel at a half of the size, so many times over. */
  private static double[] halved(RgbImage image, int times) {
    int factor = 1 << times;
    int size = image.width() / factor;
    double[] mean = new double[size * size];
    for (int i = 0; i < image.width() * image.width(); i++) {
      int row = i / image.width() / factor;
      int column = i % image.width() / factor;
      mean[row * size + column] += (image.pixels()[3 * i + 1] & 0xFF) / (double) (factor * factor);
    }
    return mean;
  }

  @Test
  void namesItsClasses() {
    assertThat(SampleImages.classNames())
        .containsExactly(
            "blobs",
            "bricks",
            "checks",
            "diagonal",
            "diamonds",
            "dots",
            "horizontal",
            "rings",
            "vertical",
            "zigzags");
  }

  @Test
  void hasTheSameColorsInEveryClass() {
    int images = 100;
    double[][] mean = new double[CLASSES][3];
    double[][] deviation = new double[CLASSES][3];
    for (int c = 0; c < CLASSES; c++) {
      double[] squares = new double[3];
      for (int index = 0; index < images; index++) {
        byte[] pixels = SampleImages.draw(c, index, SIZE, 1).pixels();
        for (int j = 0; j < pixels.length; j++) {
          double value = (pixels[j] & 0xFF) / 255.0;
          mean[c][j % 3] += value / (images * SIZE * SIZE);
          squares[j % 3] += value * value / (images * SIZE * SIZE);
        }
      }
      for (int channel = 0; channel < 3; channel++) {
        deviation[c][channel] = Math.sqrt(squares[channel] - mean[c][channel] * mean[c][channel]);
      }
    }
    for (int c = 0; c < CLASSES; c++) {
      assertThat(mean[c]).containsExactly(mean[0], Offset.offset(0.01));
      // About 0.26: the finer the figures, the more contrast is lost to smooth edges.
      assertThat(deviation[c]).containsExactly(deviation[0], Offset.offset(0.06));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 200})
  void cannotBeToldApartByPixels(int k) {
    float[][] rows = new float[IMAGES.size()][];
    for (int i = 0; i < rows.length; i++) {
      byte[] pixels = IMAGES.get(i).pixels();
      rows[i] = new float[pixels.length];
      for (int j = 0; j < pixels.length; j++) {
        rows[i][j] = (pixels[j] & 0xFF) - 127.5f;
      }
    }
    assertThat(top1(rows, k)).isBetween(0.08, 0.38);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 200})
  void cannotBeToldApartByColorStatistics(int k) {
    float[][] rows = new float[IMAGES.size()][6];
    for (int i = 0; i < rows.length; i++) {
      byte[] pixels = IMAGES.get(i).pixels();
      double[] squares = new double[3];
      for (int j = 0; j < pixels.length; j++) {
        double value = (pixels[j] & 0xFF) - 127.5;
        rows[i][j % 3] += (float) (value / (SIZE * SIZE));
        squares[j % 3] += value * value / (SIZE * SIZE);
      }
      for (int channel = 0; channel < 3; channel++) {
        double mean = rows[i][channel];
        rows[i][3 + channel] = (float) Math.sqrt(squares[channel] - mean * mean) - 60;
      }
    }
    assertThat(top1(rows, k)).isLessThan(0.18);
  }

  /** Accuracy on the last 500 images of nearest neighbors among the first 2,000. */
  private static double top1(float[][] rows, int k) {
    return new KnnClassifier(embeddings(rows, 0, 2000), k, 0.1).top1(embeddings(rows, 2000, 2500));
  }

  private static LabeledEmbeddings embeddings(float[][] rows, int from, int to) {
    int dimension = rows[0].length;
    float[] flat = new float[(to - from) * dimension];
    for (int i = from; i < to; i++) {
      System.arraycopy(rows[i], 0, flat, (i - from) * dimension, dimension);
    }
    return LabeledEmbeddings.of(
        IntStream.range(from, to).mapToObj(i -> "image " + i).toList(),
        IntStream.range(from, to).mapToObj(i -> "class " + i % CLASSES).toList(),
        dimension,
        flat);
  }

  @Test
  void writesPngWithTheSamePixels() throws Exception {
    RgbImage image = SampleImages.draw(2, 9, 24, 0);
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(Png.encode(image)));
    assertThat(read.getWidth()).isEqualTo(24);
    assertThat(read.getHeight()).isEqualTo(24);
    for (int i = 0; i < image.pixels().length; i++) {
      int rgb = read.getRGB(i / 3 % 24, i / 3 / 24);
      assertThat((byte) (rgb >> (16 - 8 * (i % 3)))).isEqualTo(image.pixels()[i]);
    }
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> SampleImages.draw(10, 0, 32, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the class must be from 0 to 9, but is 10");
    assertThatThrownBy(() -> SampleImages.draw(-1, 0, 32, 0)).hasMessageContaining("is -1");
    assertThatThrownBy(() -> SampleImages.draw(0, 0, 7, 0))
        .hasMessage("the size must be at least 8 pixels, but is 7");
  }
}
