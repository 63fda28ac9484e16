package io.simclrbeam.model.augment;

import io.simclrbeam.model.random.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * A drawn change of colors, torchvision's {@code ColorJitter}.
 *
 * @param brightness factor, 0 is black, 1 changes nothing
 * @param contrast factor, 0 is all of the mean gray, 1 changes nothing
 * @param saturation factor, 0 is gray, 1 changes nothing
 * @param hue in turns, -0.5 to 0.5; exactly 0 leaves the operation out
 * @param order the four operations as they follow each other
 */
public record ColorJitter(
    double brightness, double contrast, double saturation, double hue, List<Operation> order) {

  /** What changes. */
  public enum Operation {
    BRIGHTNESS,
    CONTRAST,
    SATURATION,
    HUE
  }

  private static final List<List<Operation>> ORDERS = orders(List.of(Operation.values()));

  /** Keeps its own copy of the order. */
  public ColorJitter {
    order = List.copyOf(order);
  }

  /** Draws one as torchvision's {@code ColorJitter.get_params}. */
  static ColorJitter draw(JitterSettings settings, SeededRandom random) {
    List<Operation> order = ORDERS.get(random.nextInt(ORDERS.size()));
    return new ColorJitter(
        factor(settings.brightness(), random),
        factor(settings.contrast(), random),
        factor(settings.saturation(), random),
        random.uniform(-settings.hue(), settings.hue()),
        order);
  }

  private static double factor(double change, SeededRandom random) {
    return random.uniform(Math.max(0, 1 - change), 1 + change);
  }

  private static List<List<Operation>> orders(List<Operation> operations) {
    if (operations.isEmpty()) {
      return List.of(List.of());
    }
    List<List<Operation>> all = new ArrayList<>();
    for (Operation first : operations) {
      List<Operation> others = operations.stream().filter(other -> other != first).toList();
      for (List<Operation> rest : orders(others)) {
        List<Operation> order = new ArrayList<>(rest);
        order.add(0, first);
        all.add(List.copyOf(order));
      }
    }
    return List.copyOf(all);
  }
}
