package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.transforms.dataset.RunManifest;
import java.util.Locale;
import java.util.stream.Collectors;

/** Why a run is not published. */
public final class HeldBack {
  private HeldBack() {}

  /** Returns a line for each gate that the run did not pass. */
  public static String reasons(RunManifest manifest) {
    return manifest.gates().stream()
        .filter(gate -> !gate.passed())
        .map(
            gate ->
                String.format(
                    Locale.ROOT,
                    "  %s is %.4g, the limit %.4g: %s",
                    gate.name(),
                    gate.value(),
                    gate.limit(),
                    gate.detail()))
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
